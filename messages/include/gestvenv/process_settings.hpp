// SPDX-License-Identifier: MIT
// What a process inherits besides its files and variables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// A limit of setrlimit(2).
struct process_limit {
    /// In the unit of the resource; 2^64-1 (RLIM_INFINITY): no limit.
    std::uint64_t soft = UINT64_MAX;
    std::uint64_t hard = UINT64_MAX;

    friend bool operator==(const process_limit&, const process_limit&) = default;
};

/// Settings of a program that differ from those of the runtime's own process. What may not be set here (a hard limit
/// that would rise, a nice value that would fall) is left as it is.
struct process_settings {
    /// By the name of prlimit(1): `as`, `core`, `cpu`, `data`, `fsize`, `locks`, `memlock`, `msgqueue`, `nice`, `nofile`,
    /// `nproc`, `rss`, `rtprio`, `rttime`, `sigpending`, `stack`.
    std::map<std::string, process_limit> limits;
    /// -20 to 19 (setpriority(2)).
    std::optional<int> nice;
    /// Numbers of processors, 0 to 8191 (sched_setaffinity(2)); empty: as the runtime's.
    std::vector<int> processors;

    friend bool operator==(const process_settings&, const process_settings&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, process_limit& x) {
    return f.object(x).fields(f.field("soft", x.soft), f.field("hard", x.hard));
}

template <class Inspector>
bool inspect(Inspector& f, process_settings& x) {
    return f.object(x).fields(f.field("limits", x.limits), f.field("nice", x.nice),
                              f.field("processors", x.processors));
}

} // namespace gestvenv
