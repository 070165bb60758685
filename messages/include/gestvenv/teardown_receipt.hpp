// SPDX-License-Identifier: MIT
// The proof that an environment is gone, or the list of what is left.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/limit_reached.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// Something teardown could not remove.
struct residue {
    /// `process`, `mount`, `cgroup`, `folder`, ...
    std::string kind;
    /// Its id or path.
    std::string name;
    /// Why it is still there.
    std::string why;

    friend bool operator==(const residue&, const residue&) = default;
};

/// What one teardown did. An environment's reservation is given back only against a receipt without residue.
struct teardown_receipt {
    std::string environment_id;
    std::string environment_name;
    cleanup_reason reason = cleanup_reason::requested;
    std::chrono::system_clock::time_point finished_at;
    std::chrono::nanoseconds duration{0};
    /// Processes that were still there when teardown began and were ended by it.
    std::int64_t processes_killed = 0;
    std::int64_t mounts_removed = 0;
    std::int64_t cgroups_removed = 0;
    /// Files and folders.
    std::int64_t files_removed = 0;
    /// Shared memory, semaphores and queues, of System V and of POSIX, that were still there.
    std::int64_t segments_removed = 0;
    /// Space given back, in bytes; shared memory files included.
    std::int64_t bytes_removed = 0;
    /// Empty, or what is left.
    std::vector<gestvenv::residue> residue;
    /// Shared memory, semaphores and queues of this user that came about meanwhile and of which it cannot be
    /// told whose they are: only where they are shared with the host. They were left alone.
    std::vector<gestvenv::residue> unattributed;
    /// The limit for which the environment ended, if it was one.
    std::optional<limit_reached> limit;

    bool clean() const noexcept { return residue.empty(); }

    friend bool operator==(const teardown_receipt&, const teardown_receipt&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, residue& x) {
    return f.object(x).fields(f.field("kind", x.kind), f.field("name", x.name), f.field("why", x.why));
}

template <class Inspector>
bool inspect(Inspector& f, teardown_receipt& x) {
    return f.object(x).fields(
        f.field("environment_id", x.environment_id), f.field("environment_name", x.environment_name),
        f.field("reason", x.reason), f.field("finished_at", x.finished_at), f.field("duration", x.duration),
        f.field("processes_killed", x.processes_killed), f.field("mounts_removed", x.mounts_removed),
        f.field("cgroups_removed", x.cgroups_removed), f.field("files_removed", x.files_removed),
        f.field("segments_removed", x.segments_removed), f.field("bytes_removed", x.bytes_removed),
        f.field("residue", x.residue), f.field("unattributed", x.unattributed), f.field("limit", x.limit));
}

} // namespace gestvenv
