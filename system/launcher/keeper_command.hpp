// SPDX-License-Identifier: MIT
// A command that a keeper has started.
#pragma once

#include "system/launcher/limit_watch.hpp"
#include "system/limits/cgroup.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/protocol.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace gestvenv {

struct keeper_command {
    using clock = std::chrono::steady_clock;

    std::uint64_t number = 0;
    std::uint64_t request = 0;
    protocol::run spec;
    /// The program, or the guard in front of it.
    pid_t pid = -1;
    bool guarded = false;
    clock::time_point began;
    descriptor reports;
    /// Unset: a guard holds the command together.
    cgroup group;
    /// When what was asked to end is killed.
    std::optional<clock::time_point> kill_at;
    bool killed = false;
    clock::time_point kill_deadline;
    /// Set once the program's end is known; where the command was asked to end, or killed, it is told when
    /// its descendants are gone too.
    bool ended = false;
    protocol::exited result;
    /// Removes what the command has written in its overlays; its end is told afterwards.
    pid_t remover = -1;
    clock::time_point removal_deadline;
    /// The kernel's counters when it began.
    limit_watch::marks before;

    /// The program and all its descendants, but not the guard.
    std::int64_t processes() const;
    /// Kills them all; a guard is left to report it.
    void kill();
    /// Starts the remover, where there is anything to remove.
    void remove_overlays();
    /// Asks them all to end, and has them killed when that takes longer than `grace`.
    void ask_to_end(std::chrono::milliseconds grace);
    /// Sends it a signal, as the runtime orders.
    void signal(const protocol::signal& order) const;
    /// Whether its end waits for its descendants.
    bool waits_for_descendants(clock::time_point now) const;
};

} // namespace gestvenv
