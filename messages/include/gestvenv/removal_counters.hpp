// SPDX-License-Identifier: MIT
// How much a teardown removed: the counters that the launcher's answer and a receipt have in common.
#pragma once

#include <cstdint>
#include <utility>

namespace gestvenv {

/// The base of both, so that the counters are members of each.
struct removal_counters {
    /// Processes that were alive when the teardown began, and that it ended.
    std::int64_t processes_killed = 0;
    std::int64_t mounts_removed = 0;
    std::int64_t cgroups_removed = 0;
    /// Files and folders.
    std::int64_t files_removed = 0;
    /// Freed space in bytes, shared memory files included.
    std::int64_t bytes_removed = 0;
    /// Shared memory segments, semaphores and queues (System V and POSIX) that the teardown removed.
    std::int64_t segments_removed = 0;

    /// Adds what another attempt removed.
    void add(const removal_counters& more) noexcept {
        processes_killed += more.processes_killed;
        mounts_removed += more.mounts_removed;
        cgroups_removed += more.cgroups_removed;
        files_removed += more.files_removed;
        bytes_removed += more.bytes_removed;
        segments_removed += more.segments_removed;
    }

    friend bool operator==(const removal_counters&, const removal_counters&) = default;
};

/// Describes a value with these counters: they stand beside its `others`, not in an object of their own.
template <class Inspector, class T, class... Fields>
bool inspect_with_counters(Inspector& f, T& x, Fields&&... others) {
    return f.object(x).fields(
        f.field("processes_killed", x.processes_killed), f.field("mounts_removed", x.mounts_removed),
        f.field("cgroups_removed", x.cgroups_removed), f.field("files_removed", x.files_removed),
        f.field("bytes_removed", x.bytes_removed), f.field("segments_removed", x.segments_removed),
        std::forward<Fields>(others)...);
}

} // namespace gestvenv
