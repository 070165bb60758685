// SPDX-License-Identifier: MIT
// The keeper of one environment: parent of every command that runs in it, and the thing whose death is their
// death. A clone of the launcher without exec. Where a pid namespace can be made it is init of one; otherwise
// it is a subreaper. It serves its runtime over a channel and ends with its launcher.
#pragma once

#include "system/limits/cgroup.hpp"
#include "system/limits/limit_files.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/channel.hpp"

#include <gestvenv/enumerations.hpp>

#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
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
    /// In an ipc namespace of its own: what System V and message queues had at the end of the last command;
    /// and the files that were made in the private /dev/shm to show the host's.
    std::atomic<std::int64_t> segments{0};
    std::atomic<std::int64_t> files_shown{0};
    /// Without one: processes of the environment, the last ones in a ring, by which what they have made is
    /// known.
    static constexpr std::size_t most_processes = 640;
    std::atomic<std::uint32_t> processes_noted{0};
    std::array<std::atomic<pid_t>, most_processes> processes{};

    void note(pid_t pid) noexcept { processes.at(processes_noted.fetch_add(1) % most_processes).store(pid); }
};

/// What a keeper does for its environment's limits.
struct keeper_limits {
    /// Groups of version 1 that it joins, and its commands with it.
    std::vector<const cgroup*> joined;
    /// Tells of kills for want of memory; unset where memory is not limited.
    const cgroup* memory = nullptr;
    cgroup_version memory_version = cgroup_version::two;
    std::int64_t memory_bytes = 0;
    /// Counts refused threads; unset where no group bounds them.
    const cgroup* threads = nullptr;
    std::int64_t threads_allowed = 0;
    /// Threads that its pid namespace may have.
    std::optional<std::int64_t> threads_in_namespace;
    /// Processes that the environment may have; they are counted while there are any. 0: any number.
    std::int64_t processes = 0;
};

/// What a keeper is born with.
struct keeper_setup {
    containment in_force = containment::pid_namespace;
    /// Whether it has an ipc namespace of its own, and a /dev/shm, attached over `shared_memory_path`.
    bool own_ipc = false;
    const descriptor* shared_memory = nullptr;
    std::string shared_memory_path;
    /// Attached over `attach_path` where the keeper has a mount namespace; otherwise unset.
    const descriptor* storage = nullptr;
    std::string attach_path;
    /// Whether the storage has a size of its own.
    bool storage_is_tmpfs = false;
    /// The environment's cgroup; each command gets one below it. Unset: guards instead.
    const cgroup* group = nullptr;
    /// Becomes readable, or hung up, when the launcher has ended.
    const descriptor* launcher = nullptr;
    channel* runtime = nullptr;
    keeper_page* page = nullptr;
    /// The limit of open files for commands.
    rlimit open_files{};
    /// Those of the calling program, for commands and for what is said of them.
    rlimit file_size{};
    rlimit cpu_time{};
    std::optional<std::chrono::nanoseconds> time_slice;
    /// The group whose memory the launcher's own counts to, and its file of events; unset: there is none.
    const descriptor* memory_above = nullptr;
    const descriptor* memory_events_above = nullptr;
    cgroup_version memory_above_version = cgroup_version::two;
    keeper_limits limits;
};

/// How a launcher ends a keeper: SIGTERM asks every process of the environment to end, and the keeper ends
/// with the last of them; SIGQUIT (subreaper) kills them all first; SIGKILL (pid namespace) takes them all
/// along.

/// Runs in the cloned child; never returns. All signals must be blocked by the caller.
[[noreturn]] void keep(const keeper_setup& setup);

} // namespace gestvenv
