// SPDX-License-Identifier: MIT
// Many cycles with failing system calls, one after another, and their totals.
#pragma once

#include "tools/faults/harness/syscall_rig.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace gestvenv::faults {

struct syscall_totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    /// Where the run came by the call that was to fail, and how often calls failed in all.
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

struct syscall_campaign {
    std::uint64_t cycles = 1000;
    std::uint64_t seed = 1;
    /// The cycle of this number alone.
    std::optional<std::uint64_t> only;
    bool verbose = false;
    std::function<syscall_report(const syscall_cycle&)> run;
    /// Asked before each cycle.
    std::function<bool()> stopped;
};

/// Prints what fails as it comes.
syscall_totals run_syscall_campaign(const syscall_campaign& what);

/// For people.
std::string to_string(const syscall_totals& sum);

} // namespace gestvenv::faults
