// SPDX-License-Identifier: MIT
// Many cycles with failing system calls, one after another, and their totals.
#pragma once

#include "tools/faults/harness/cycle_loop.hpp"
#include "tools/faults/harness/syscall_rig.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace gestvenv::faults {

struct syscall_totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    /// Where the run reached the call that was to fail, and how often calls failed in all.
    std::uint64_t struck = 0;
    std::uint64_t injected = 0;

    struct counts {
        std::uint64_t cycles = 0;
        std::uint64_t struck = 0;
        std::uint64_t failed = 0;
    };
    /// By `call=ERROR`.
    std::map<std::string, counts> by_error;
};

using syscall_campaign = cycle_loop<syscall_cycle, syscall_report>;

syscall_totals run_syscall_campaign(const syscall_campaign& what);

/// For people.
std::string to_string(const syscall_totals& sum);

} // namespace gestvenv::faults
