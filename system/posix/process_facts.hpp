// SPDX-License-Identifier: MIT
// What /proc says of one process (proc(5), /proc/pid/stat).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace gestvenv {

struct process_facts {
    pid_t parent = 0;
    char state = 'X';
    long threads = 0;
    /// In ticks since boot.
    unsigned long long start_time = 0;

    /// A process whose first thread has ended looks like a zombie, and goes on with the others.
    bool alive() const noexcept { return state != 'X' && (state != 'Z' || threads > 1); }

    /// None when there is no such process, or it cannot be seen.
    static std::optional<process_facts> of(pid_t pid);
};

/// When a process was started, in ticks since boot; unset when there is none.
std::optional<std::uint64_t> start_time_of(pid_t pid);

/// For a process that does not end although it was killed: ` (state D, in jbd2_log_wait_commit)`, or ` (state
/// R)`; empty when it has ended meanwhile. Where the kernel waits is for root's eyes (/proc/pid/wchan).
std::string what_holds(pid_t pid);

} // namespace gestvenv
