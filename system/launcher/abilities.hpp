// SPDX-License-Identifier: MIT
// What this machine lets the launcher do, found by trying: kernels, containers and administrators differ.
#pragma once

#include "messages/outcome.hpp"
#include "system/isolation/private_shared_memory.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "system/limits/limit_places.hpp"
#include "system/posix/descriptor.hpp"

#include <gestvenv/enumerations.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

class trial_record;

struct abilities {
    containment best = containment::subreaper;
    /// Whether a storage can be a mount of its own, attached in the keeper's mount namespace.
    bool mounts = false;
    /// Set where an environment can have an ipc namespace and a /dev/shm of its own.
    std::optional<shared_memory_place> shared_memory;
    bool own_ipc = false;
    /// The group whose memory our own counts to, and its file of events; unset where there is none.
    descriptor memory_above;
    descriptor memory_events_above;
    cgroup_version memory_above_version = cgroup_version::two;
    /// Set where each environment and command can have a cgroup of its own.
    std::optional<cgroup_tree> cgroups;
    /// Where limits are kept.
    limit_places limits;
    /// The hierarchies of version 1 among them.
    std::vector<cgroup_tree> version_one;
    /// Why something is missing, one sentence each.
    std::vector<std::string> limitations;
};

/// Tries everything in children, but for what `record` knows to work; at most up to `limit` (tests ask for
/// less than there is). What works is noted in `record`. An ordinary user's process is moved into a user
/// namespace of its own where that works. For a single-threaded process with all signals blocked; takes about
/// a millisecond, a tenth of it with a full record. Fails where not even a process can be started to try
/// things in.
outcome<abilities> find_abilities(containment limit, trial_record& record);

} // namespace gestvenv
