// SPDX-License-Identifier: MIT
// Many cycles, one after another: their totals, and going on after an interruption.
#pragma once

#include "tools/faults/harness/rig.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace gestvenv::faults {

struct totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    std::uint64_t outlived = 0;
    std::map<std::string, std::uint64_t> by_kind;

    struct record {
        std::int64_t milliseconds = 0;
        std::string cycle;

        friend bool operator==(const record&, const record&) = default;
    };
    /// Until no process was left, and until no folder and no group was left either.
    record slowest_quieting;
    record slowest_teardown;

    friend bool operator==(const totals&, const totals&) = default;
};

struct campaign {
    std::uint64_t cycles = 1000;
    std::uint64_t seed = 1;
    /// The cycle of this number alone. Not one of those that are counted: neither read from nor kept in
    /// `resume`.
    std::optional<std::uint64_t> only;
    /// Where the totals are kept, and read from to go on; empty: nowhere.
    std::filesystem::path resume;

    /// Which cycle has that number.
    std::function<cycle(std::uint64_t)> which;
    std::function<cycle_report(std::uint64_t number, const cycle&)> run;
    /// Asked before each cycle, where it is set.
    std::function<bool()> stopped;
};

/// The totals so far. Throws std::runtime_error where they are of another seed, or cannot be kept.
totals run_campaign(const campaign& what);

/// For people.
std::string to_string(const totals& sum);

} // namespace gestvenv::faults
