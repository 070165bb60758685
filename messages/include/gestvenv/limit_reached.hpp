// SPDX-License-Identifier: MIT
// A limit that a command met.
#pragma once

#include <cstdint>
#include <string>

namespace gestvenv {

/// Which limit it was, what was measured and what is allowed.
struct limit_reached {
    /// `max_memory`, `max_processes`, `max_threads` or `max_disk` of `resource_limits`; `memory_above`: of a
    /// group of processes (cgroup) around the whole program; `shm`: the size of `/dev/shm`; `RLIMIT_FSIZE`
    /// and `RLIMIT_CPU`: what the calling program was started with (setrlimit(2)).
    std::string limit;
    /// In `unit`, at the moment in which it was met or the most that was seen; -1: it is not known.
    std::int64_t measured = -1;
    std::int64_t allowed = -1;
    /// `bytes`, `files`, `processes`, `threads` or `seconds`.
    std::string unit;
    /// Whether the command, or a process of it, was ended. Otherwise it was refused something and went on.
    bool ended = false;

    friend bool operator==(const limit_reached&, const limit_reached&) = default;
};

/// What happened, in a sentence with the measured and the allowed amount.
std::string description_of(const limit_reached& what);
/// What raises the limit: the field, and the option of `gestvenv run`.
std::string remedy_for(const limit_reached& what);

template <class Inspector>
bool inspect(Inspector& f, limit_reached& x) {
    return f.object(x).fields(f.field("limit", x.limit), f.field("measured", x.measured),
                              f.field("allowed", x.allowed), f.field("unit", x.unit),
                              f.field("ended", x.ended));
}

} // namespace gestvenv
