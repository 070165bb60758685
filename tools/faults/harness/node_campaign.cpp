// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_campaign.hpp"

#include <fmt/format.h>

namespace gestvenv::faults {

namespace {

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

} // namespace

node_totals run_node_campaign(const node_campaign& what) {
    return run_cycles(what, add);
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
