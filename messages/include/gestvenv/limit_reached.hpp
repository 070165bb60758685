// SPDX-License-Identifier: MIT
// A limit that a command reached.
#pragma once

#include <cstdint>
#include <string>

namespace gestvenv {

/// A limit that was reached, with the measured and the allowed amount.
struct limit_reached {
    /// `max_memory`, `max_processes`, `max_threads` or `max_disk` of `resource_limits`; `memory_above`: the
    /// memory limit of a cgroup around the whole program; `shm`: the size of `/dev/shm`; `RLIMIT_FSIZE` and
    /// `RLIMIT_CPU`: limits with which the calling program was started (setrlimit(2)).
    std::string limit;
    /// Measured amount in `unit`, when the limit was reached, or the highest sample; -1: unknown.
    std::int64_t measured = -1;
    /// The limit, in `unit`; -1: unknown.
    std::int64_t allowed = -1;
    /// `bytes`, `files`, `processes`, `threads` or `seconds`.
    std::string unit;
    /// Whether the command, or one of its processes, was killed. Otherwise an operation was refused and the
    /// command went on.
    bool ended = false;

    friend bool operator==(const limit_reached&, const limit_reached&) = default;
};

/// One sentence with the measured and the allowed amount. Thread-safe.
std::string description_of(const limit_reached& what);
/// How to raise the limit: the field, and the option of `gestvenv run`. Thread-safe.
std::string remedy_for(const limit_reached& what);

template <class Inspector>
bool inspect(Inspector& f, limit_reached& x) {
    return f.object(x).fields(f.field("limit", x.limit), f.field("measured", x.measured),
                              f.field("allowed", x.allowed), f.field("unit", x.unit),
                              f.field("ended", x.ended));
}

} // namespace gestvenv
