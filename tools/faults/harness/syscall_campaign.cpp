// SPDX-License-Identifier: MIT
#include "tools/faults/harness/syscall_campaign.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace gestvenv::faults {

namespace {

constexpr std::uint64_t between_words = 100;

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

void tell(std::uint64_t number, const syscall_cycle& what, const syscall_report& report, bool verbose) {
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

syscall_totals run_syscall_campaign(const syscall_campaign& what) {
    syscall_totals sum;
    const auto first = what.only.value_or(0);
    const auto end = what.only ? *what.only + 1 : what.cycles;
    for (auto number = first; number < end && !what.stopped(); ++number) {
        auto next = draw_syscall(what.seed, number);
        auto report = what.run(next);
        add(sum, next, report);
        tell(number, next, report, what.verbose);
        if ((number + 1) % between_words == 0)
            fmt::print("{} of {} cycles, {} failed\n", number + 1, what.cycles, sum.failed);
        std::fflush(stdout);
    }
    return sum;
}

std::string to_string(const syscall_totals& sum) {
    auto text = fmt::format("{:>8} cycles\n{:>8} came by the call that was to fail, {} calls failed\n",
                            sum.cycles, sum.struck, sum.injected);
    for (const auto& [name, counts] : sum.by_error)
        text += fmt::format("{:>8} {} ({} came by it{})\n", counts.cycles, name, counts.struck,
                            counts.failed > 0 ? fmt::format(", {} FAILED", counts.failed) : "");
    return text +
           fmt::format("{:>8} cycles hung, crashed, failed without a word or left something\n", sum.failed);
}

} // namespace gestvenv::faults
