// SPDX-License-Identifier: MIT
// A limit around a test that uses up what it can get, so that a fault of ours costs the test and not the
// machine.
#pragma once

#include "system/limits/cgroup.hpp"

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::test {

/// Puts this program, and what it starts from now on, into groups of its own: 1 GB of memory, 4,000 threads.
/// An ordinary user, who cannot have them, gets the limit of processes that a user has, 1,500, where that is
/// all the test needs. Skips the test where there is nothing. Takes the program back out at the end.
class outer_limit {
public:
    enum class need { groups, threads };

    explicit outer_limit(need what = need::groups);
    outer_limit(const outer_limit&) = delete;
    outer_limit& operator=(const outer_limit&) = delete;
    ~outer_limit();

    /// The most threads there were at a time, this program's own ones included; unset: they are not counted.
    std::optional<std::int64_t> most_threads() const;

private:
    struct place {
        cgroup outside;
        cgroup limited;
        /// Where this program is: the same group in version 1, one below it in version 2.
        std::optional<cgroup> inside;
    };
    std::string enter();
    void leave();

    std::vector<place> places_;
    std::optional<rlimit> processes_;
};

} // namespace gestvenv::test
