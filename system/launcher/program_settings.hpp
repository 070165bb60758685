// SPDX-License-Identifier: MIT
// The limits, nice value and processors of a program that is about to be executed.
#pragma once

#include <gestvenv/process_settings.hpp>

#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace gestvenv {

/// Made before the clone, so that the child only makes system calls.
class program_settings {
public:
    explicit program_settings(const std::optional<process_settings>& wanted);

    /// For the calling process. A part that it may not set is left as it is; of a hard limit that would rise,
    /// the soft one still gets what the present hard one allows.
    void apply() const noexcept;

private:
    static constexpr std::size_t bits = 8 * sizeof(unsigned long);

    std::vector<std::pair<__rlimit_resource_t, rlimit>> limits_;
    std::optional<int> nice_;
    /// As sched_setaffinity(2) takes them, for more processors than a cpu_set_t has.
    std::array<unsigned long, 8192 / bits> processors_{};
    bool has_processors_ = false;
};

} // namespace gestvenv
