// SPDX-License-Identifier: MIT
// What a process holds of the machine, as /proc tells (proc(5)).
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace gestvenv::endurance {

struct process_facts {
    /// Resident set, in bytes.
    std::int64_t memory = 0;
    std::int64_t descriptors = 0;
    std::int64_t threads = 0;
    /// Direct children.
    std::int64_t children = 0;
};

/// Throws std::runtime_error when there is no such process.
process_facts facts_of(pid_t process);

} // namespace gestvenv::endurance
