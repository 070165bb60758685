// SPDX-License-Identifier: MIT
#include "tools/faults/harness/syscall_campaign.hpp"

#include <fmt/format.h>

namespace gestvenv::faults {

namespace {

void add(syscall_totals& sum, const syscall_cycle& what, const syscall_report& report) {
    auto& counts = sum.by_error[what.call + "=" + what.error];
    for (auto* count : {&sum.cycles, &counts.cycles})
        ++*count;
    if (report.injected > 0)
        for (auto* count : {&sum.struck, &counts.struck})
            ++*count;
    if (!report.faults.empty())
        for (auto* count : {&sum.failed, &counts.failed})
            ++*count;
    sum.injected += report.injected;
}

} // namespace

syscall_totals run_syscall_campaign(const syscall_campaign& what) {
    return run_cycles(what, add);
}

std::string to_string(const syscall_totals& sum) {
    auto text = fmt::format("{:>8} cycles\n{:>8} reached the call that was to fail, {} calls failed\n",
                            sum.cycles, sum.struck, sum.injected);
    for (const auto& [name, counts] : sum.by_error)
        text += fmt::format("{:>8} {} ({} reached it{})\n", counts.cycles, name, counts.struck,
                            counts.failed > 0 ? fmt::format(", {} FAILED", counts.failed) : "");
    return text +
           fmt::format("{:>8} cycles hung, crashed, failed without a word or left something\n", sum.failed);
}

} // namespace gestvenv::faults
