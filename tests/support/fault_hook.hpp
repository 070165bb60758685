// SPDX-License-Identifier: MIT
// What a test does at the steps that the code under test comes by (messages/fault_point.hpp): the very moment
// between two of its instructions. Test programs have this in the place of the empty function.
#pragma once

#include <functional>
#include <string_view>

namespace gestvenv::test {

/// As long as it lives, `action` is called at every step of that name, in the thread that meets it. One at a
/// time; processes that the code under test starts do without.
class fault_hook {
public:
    fault_hook(std::string_view step, std::function<void()> action);
    fault_hook(const fault_hook&) = delete;
    fault_hook& operator=(const fault_hook&) = delete;
    ~fault_hook();
};

} // namespace gestvenv::test
