// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_campaign.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace gestvenv::faults {

namespace {

constexpr std::uint64_t between_words = 100;

void add(node_totals& sum, const node_cycle& what, const node_report& report) {
    ++sum.cycles;
    sum.failed += report.faults.empty() ? 0 : 1;
    ++sum.by_strike[report.struck
                        ? std::string{what.strike == node_strike::injected ? to_string(what.injected)
                                                                           : to_string(what.strike)}
                        : std::string{"not-met"}];
    if (report.until_quiet.count() > sum.longest_quieting) {
        sum.longest_quieting = report.until_quiet.count();
        sum.slowest = to_string(what);
    }
}

void tell(std::uint64_t number, const node_cycle& what, const node_report& report, bool verbose) {
    if (!report.faults.empty())
        fmt::print("error: cycle {}: {}\n", number, to_string(what));
    else if (verbose)
        fmt::print("{}: {}\n", number, to_string(what));
    for (const auto& fault : report.faults)
        fmt::print("  {}\n", fault);
    if (!report.faults.empty() || verbose)
        fmt::print("  what was said:\n{}\n", report.said);
}

} // namespace

node_totals run_node_campaign(const node_campaign& what) {
    node_totals sum;
    const auto first = what.only.value_or(0);
    const auto end = what.only ? *what.only + 1 : what.cycles;
    for (auto number = first; number < end && !what.stopped(); ++number) {
        const auto next = what.which(number);
        const auto report = what.run(next);
        add(sum, next, report);
        tell(number, next, report, what.verbose);
        if ((number + 1) % between_words == 0)
            fmt::print("{} of {} cycles, {} failed\n", number + 1, what.cycles, sum.failed);
        std::fflush(stdout);
    }
    return sum;
}

std::string to_string(const node_totals& sum) {
    auto text = fmt::format("{:>8} cycles\n", sum.cycles);
    for (const auto& [name, count] : sum.by_strike)
        text += fmt::format("{:>8} {}\n", count, name);
    return text + fmt::format("{:>8} ms: the longest until no process of an environment was left ({})\n"
                              "{:>8} cycles left something, hung, or gave a client no clear answer\n",
                              sum.longest_quieting, sum.slowest, sum.failed);
}

} // namespace gestvenv::faults
