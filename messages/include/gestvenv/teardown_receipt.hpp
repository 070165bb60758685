// SPDX-License-Identifier: MIT
// The proof that an environment is gone, or the list of its residue.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/limit_reached.hpp>
#include <gestvenv/removal_counters.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// A resource that a teardown could not remove.
struct residue {
    /// `process`, `mount`, `cgroup`, `folder`, ...
    std::string kind;
    /// Id or path of the resource.
    std::string name;
    /// Why it could not be removed.
    std::string why;

    friend bool operator==(const residue&, const residue&) = default;
};

/// The result of one teardown. The reservation of an environment is freed only by a receipt without residue.
struct teardown_receipt : removal_counters {
    std::string environment_id;
    std::string environment_name;
    /// Why the environment ended.
    cleanup_reason reason = cleanup_reason::requested;
    /// End of the teardown by the wall clock, and its duration.
    std::chrono::system_clock::time_point finished_at;
    std::chrono::nanoseconds duration{0};
    /// All residue; empty after a complete teardown.
    std::vector<gestvenv::residue> residue;
    /// Shared memory segments, semaphores and queues of this user that were made while the environment lived,
    /// and cannot be attributed to a process: only if they are shared with the host. They were left alone and
    /// are not residue.
    std::vector<gestvenv::residue> unattributed;
    /// The limit that ended the environment, if one did.
    std::optional<limit_reached> limit;

    /// Whether there is no residue.
    bool clean() const noexcept { return residue.empty(); }

    friend bool operator==(const teardown_receipt&, const teardown_receipt&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, residue& x) {
    return f.object(x).fields(f.field("kind", x.kind), f.field("name", x.name), f.field("why", x.why));
}

template <class Inspector>
bool inspect(Inspector& f, teardown_receipt& x) {
    return inspect_with_counters(
        f, x, f.field("environment_id", x.environment_id), f.field("environment_name", x.environment_name),
        f.field("reason", x.reason), f.field("finished_at", x.finished_at), f.field("duration", x.duration),
        f.field("residue", x.residue), f.field("unattributed", x.unattributed), f.field("limit", x.limit));
}

} // namespace gestvenv
