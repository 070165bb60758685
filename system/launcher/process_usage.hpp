// SPDX-License-Identifier: MIT
// What processes use, as their files in /proc say (proc(5)).
#pragma once

#include "system/limits/usage_reading.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gestvenv {

struct process_usage {
    pid_t parent = 0;
    std::int64_t threads = 0;
    std::int64_t resident_bytes = 0;
    /// Its own and that of the children it has waited for.
    std::chrono::microseconds cpu_time{0};
    std::chrono::microseconds own_cpu_time{0};
    /// As the kernel writes it: `R`, `S`, `D`, `T` and others.
    char state = 'S';
    /// From the start of the machine to its own.
    std::chrono::microseconds started{0};
};

/// Unset for a process that is gone or a zombie.
std::optional<process_usage> read_process(pid_t pid);

/// Adds what the process and the children it has waited for have read and written; nothing where that may
/// not be read.
void add_io(pid_t pid, usage_reading& target);

/// All processes at one moment, for environments that no cgroup holds together. One pass over /proc.
class process_snapshot {
public:
    process_snapshot();

    /// The descendants of `root`, not itself.
    std::vector<pid_t> descendants(pid_t root) const;
    const process_usage* find(pid_t pid) const;

private:
    std::unordered_map<pid_t, process_usage> all_;
    std::unordered_map<pid_t, std::vector<pid_t>> children_;
};

} // namespace gestvenv
