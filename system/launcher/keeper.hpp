// The keeper of one environment: parent of every command that runs in it, and the thing whose death is their
// death. A clone of the launcher without exec. Where a pid namespace can be made it is init of one; otherwise
// it is a subreaper. It serves its runtime over a channel and ends with its launcher.
#pragma once

#include "system/limits/cgroup.hpp"
#include "system/limits/limit_files.hpp"
#include "system/process/channel.hpp"
#include "system/process/descriptor.hpp"

#include <gestvenv/enumerations.hpp>

#include <sys/resource.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// A page that keeper and launcher both see; what a killed keeper can no longer say is read here.
struct keeper_page {
    /// Processes that were still there when the keeper was told to end.
    std::atomic<std::int64_t> processes_at_end{0};
    /// Set once the keeper's setup is complete.
    std::atomic<bool> ready{false};
};

/// What a keeper does for its environment's limits.
struct keeper_limits {
    /// Groups of version 1 that it joins, and its commands with it.
    std::vector<const cgroup*> joined;
    /// Tells of kills for want of memory; unset where memory is not limited.
    const cgroup* memory = nullptr;
    cgroup_version memory_version = cgroup_version::two;
    /// Threads that its pid namespace may have.
    std::optional<std::int64_t> threads_in_namespace;
    /// Processes that the environment may have; they are counted while there are any.
    std::int64_t processes = 0;
};

/// What a keeper is born with.
struct keeper_setup {
    containment in_force = containment::pid_namespace;
    /// Attached over `attach_path` where the keeper has a mount namespace; otherwise unset.
    const descriptor* storage = nullptr;
    std::string attach_path;
    /// The environment's cgroup; each command gets one below it. Unset: guards instead.
    const cgroup* group = nullptr;
    /// Becomes readable, or hung up, when the launcher has ended.
    const descriptor* launcher = nullptr;
    channel* runtime = nullptr;
    keeper_page* page = nullptr;
    /// The limit of open files for commands.
    rlimit open_files{};
    keeper_limits limits;
};

/// How a launcher ends a keeper: SIGTERM asks every process of the environment to end, and the keeper ends
/// with the last of them; SIGQUIT (subreaper) kills them all first; SIGKILL (pid namespace) takes them all
/// along.

/// Runs in the cloned child; never returns. All signals must be blocked by the caller.
[[noreturn]] void keep(const keeper_setup& setup);

} // namespace gestvenv
