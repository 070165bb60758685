// SPDX-License-Identifier: MIT
// Many cycles of a node under fault: their totals.
#pragma once

#include "tools/faults/harness/node_rig.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace gestvenv::faults {

struct node_totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    /// By what came; `not-met` where its step was not come by.
    std::map<std::string, std::uint64_t> by_strike;
    std::int64_t longest_quieting = 0;
    std::string slowest;
};

struct node_campaign {
    std::uint64_t cycles = 500;
    /// The cycle of this number alone.
    std::optional<std::uint64_t> only;
    bool verbose = false;
    std::function<node_cycle(std::uint64_t)> which;
    std::function<node_report(const node_cycle&)> run;
    /// Asked before each cycle.
    std::function<bool()> stopped;
};

node_totals run_node_campaign(const node_campaign& what);

/// For people.
std::string to_string(const node_totals& sum);

} // namespace gestvenv::faults
