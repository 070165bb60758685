// SPDX-License-Identifier: MIT
// Many cycles of a node under fault: their totals.
#pragma once

#include "tools/faults/harness/cycle_loop.hpp"
#include "tools/faults/harness/node_rig.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace gestvenv::faults {

struct node_totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    /// By strike; `not-met` where its step was not reached.
    std::map<std::string, std::uint64_t> by_strike;
    std::int64_t longest_quieting = 0;
    std::string slowest;
};

using node_campaign = cycle_loop<node_cycle, node_report>;

node_totals run_node_campaign(const node_campaign& what);

/// For people.
std::string to_string(const node_totals& sum);

} // namespace gestvenv::faults
