// SPDX-License-Identifier: MIT
#include "tools/faults/harness/campaign.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gestvenv::faults {

namespace {

constexpr std::uint64_t between_saves = 100;

// Seed, then the totals, a number and a name a line.
void save(const campaign& what, const totals& sum) {
    auto fresh = what.resume;
    fresh += ".new";
    {
        std::ofstream file{fresh};
        file << what.seed << " seed\n" << sum.cycles << " cycles\n" << sum.failed << " failed\n";
        file << sum.outlived << " outlived\n";
        file << sum.slowest_quieting.milliseconds << " quiet " << sum.slowest_quieting.cycle << '\n';
        file << sum.slowest_teardown.milliseconds << " slowest " << sum.slowest_teardown.cycle << '\n';
        for (const auto& [kind, count] : sum.by_kind)
            file << count << ' ' << kind << '\n';
        if (!file.flush())
            throw std::runtime_error{fmt::format("cannot write {}", fresh.string())};
    }
    std::filesystem::rename(fresh, what.resume);
}

totals load(const campaign& what) {
    totals sum;
    std::ifstream file{what.resume};
    std::uint64_t number = 0;
    for (std::string name; file >> number >> name;) {
        // To the end of the line: a record has no cycle where there was none yet.
        std::string rest;
        std::getline(file, rest);
        rest.erase(0, rest.find_first_not_of(' '));
        if (name == "seed" && number != what.seed)
            throw std::runtime_error{fmt::format("{} is of seed {}", what.resume.string(), number)};
        if (name == "cycles")
            sum.cycles = number;
        else if (name == "failed")
            sum.failed = number;
        else if (name == "outlived")
            sum.outlived = number;
        else if (name == "quiet")
            sum.slowest_quieting = {static_cast<std::int64_t>(number), rest};
        else if (name == "slowest")
            sum.slowest_teardown = {static_cast<std::int64_t>(number), rest};
        else if (name != "seed")
            sum.by_kind[name] = number;
    }
    return sum;
}

void add(totals& sum, const cycle& what, const cycle_report& report) {
    ++sum.cycles;
    sum.failed += report.faults.empty() ? 0 : 1;
    sum.outlived += report.outlived;
    ++sum.by_kind[report.struck ? std::string{to_string(what.kind)} : std::string{"not-met"}];
    auto keep_slower = [&what](totals::record& slowest, std::chrono::milliseconds took) {
        if (took.count() > slowest.milliseconds)
            slowest = {took.count(), to_string(what)};
    };
    keep_slower(sum.slowest_quieting, report.until_quiet);
    keep_slower(sum.slowest_teardown, report.until_nothing);
}

} // namespace

totals run_campaign(const campaign& what) {
    const bool kept = !what.resume.empty() && !what.only;
    auto sum = kept ? load(what) : totals{};
    const auto first = what.only.value_or(sum.cycles);
    const auto end = what.only ? *what.only + 1 : what.cycles;
    for (auto number = first; number < end && !(what.stopped && what.stopped()); ++number) {
        auto next = what.which(number);
        add(sum, next, what.run(number, next));
        if (kept && sum.cycles % between_saves == 0)
            save(what, sum);
    }
    if (kept)
        save(what, sum);
    return sum;
}

std::string to_string(const totals& sum) {
    auto text = fmt::format("{:>8} cycles\n", sum.cycles);
    for (const auto& [kind, count] : sum.by_kind)
        text += fmt::format("{:>8} {}\n", count, kind);
    text += fmt::format("{:>8} ms: the longest until no process was left ({})\n",
                        sum.slowest_quieting.milliseconds, sum.slowest_quieting.cycle);
    text += fmt::format("{:>8} ms: the longest until nothing was left ({})\n",
                        sum.slowest_teardown.milliseconds, sum.slowest_teardown.cycle);
    text += fmt::format(
        "{:>8} processes outlived the death of all where only the next start, or nothing, could help\n",
        sum.outlived);
    return text + fmt::format("{:>8} cycles left something\n", sum.failed);
}

} // namespace gestvenv::faults
