// SPDX-License-Identifier: MIT
// Cycles one after another, whatever their kind.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>

namespace gestvenv::faults {

template <class Cycle, class Report>
struct cycle_loop {
    std::uint64_t cycles = 1000;
    /// The cycle of this number alone.
    std::optional<std::uint64_t> only;
    bool verbose = false;
    /// Which cycle has that number.
    std::function<Cycle(std::uint64_t)> which;
    std::function<Report(const Cycle&)> run;
    /// Asked before each cycle.
    std::function<bool()> stopped;
};

template <class Cycle, class Report>
void print_failure(std::uint64_t number, const Cycle& what, const Report& report) {
    fmt::print("error: cycle {}: {}\n", number, to_string(what));
    for (const auto& fault : report.faults)
        fmt::print("  {}\n", fault);
    fmt::print("  what was said:\n{}\n", report.said);
    std::fflush(stdout);
}

/// Prints what fails when it fails. `add` adds the report of a cycle to the sum.
template <class Totals, class Cycle, class Report>
Totals run_cycles(const cycle_loop<Cycle, Report>& what, void (*add)(Totals&, const Cycle&, const Report&)) {
    constexpr std::uint64_t between_words = 100;
    Totals sum;
    const auto first = what.only.value_or(0);
    const auto end = what.only ? *what.only + 1 : what.cycles;
    for (auto number = first; number < end && !what.stopped(); ++number) {
        const auto next = what.which(number);
        const auto report = what.run(next);
        add(sum, next, report);
        if (!report.faults.empty())
            print_failure(number, next, report);
        else if (what.verbose)
            fmt::print("{}: {}\n  what was said:\n{}\n", number, to_string(next), report.said);
        if ((number + 1) % between_words == 0)
            fmt::print("{} of {} cycles, {} failed\n", number + 1, what.cycles, sum.failed);
        std::fflush(stdout);
    }
    return sum;
}

} // namespace gestvenv::faults
