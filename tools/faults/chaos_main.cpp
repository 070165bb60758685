// Faults at random, or all of them in order, and a look after each for what is left. The program of
// tools/chaos.
#include "tools/faults/draw.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

volatile std::sig_atomic_t interrupted = 0;

struct options {
    std::uint64_t cycles = 1000;
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> only;
    std::filesystem::path resume;
    std::filesystem::path place = std::filesystem::temp_directory_path();
    bool walks = false;
    bool verbose = false;
};

struct totals {
    std::uint64_t cycles = 0;
    std::uint64_t failed = 0;
    std::uint64_t outlived = 0;
    std::map<std::string, std::uint64_t> by_kind;
    std::int64_t slowest = 0;
    std::string slowest_cycle;
};

// Seed, then the totals, a number and a name a line: to go on from after an interruption.
void save(const options& chosen, const totals& sum) {
    if (chosen.resume.empty())
        return;
    auto fresh = chosen.resume;
    fresh += ".new";
    {
        std::ofstream file{fresh};
        file << chosen.seed << " seed\n" << sum.cycles << " cycles\n" << sum.failed << " failed\n";
        file << sum.outlived << " outlived\n" << sum.slowest << " slowest " << sum.slowest_cycle << '\n';
        for (const auto& [kind, count] : sum.by_kind)
            file << count << ' ' << kind << '\n';
        if (!file.flush())
            throw std::runtime_error{fmt::format("cannot write {}", fresh.string())};
    }
    std::filesystem::rename(fresh, chosen.resume);
}

totals load(const options& chosen) {
    totals sum;
    std::ifstream file{chosen.resume};
    std::uint64_t number = 0;
    for (std::string name; file >> number >> name;) {
        if (name == "seed" && number != chosen.seed)
            throw std::runtime_error{fmt::format("{} is of seed {}", chosen.resume.string(), number)};
        if (name == "cycles")
            sum.cycles = number;
        else if (name == "failed")
            sum.failed = number;
        else if (name == "outlived")
            sum.outlived = number;
        else if (name == "slowest") {
            sum.slowest = static_cast<std::int64_t>(number);
            std::getline(file >> std::ws, sum.slowest_cycle);
        } else if (name != "seed")
            sum.by_kind[name] = number;
    }
    return sum;
}

void add(totals& sum, const cycle& what, const cycle_report& report, std::uint64_t number) {
    ++sum.cycles;
    sum.outlived += report.outlived;
    ++sum.by_kind[report.struck ? std::string{to_string(what.kind)} : std::string{"not-met"}];
    if (report.until_quiet.count() > sum.slowest) {
        sum.slowest = report.until_quiet.count();
        sum.slowest_cycle = to_string(what);
    }
    if (report.faults.empty())
        return;
    ++sum.failed;
    fmt::print("error: cycle {}: {}\n", number, to_string(what));
    for (const auto& fault : report.faults)
        fmt::print("  {}\n", fault);
    fmt::print("  what was said:\n{}\n", report.said);
    std::fflush(stdout);
}

void print(const totals& sum) {
    fmt::print("{:>8} cycles\n", sum.cycles);
    for (const auto& [kind, count] : sum.by_kind)
        fmt::print("{:>8} {}\n", count, kind);
    fmt::print("{:>8} ms: the slowest teardown ({})\n", sum.slowest, sum.slowest_cycle);
    fmt::print("{:>8} processes outlived the death of all where only the next start, or nobody, could help\n",
               sum.outlived);
    fmt::print("{:>8} cycles left something\n", sum.failed);
}

std::vector<cycle> whole_walk(bool is_root) {
    std::vector<cycle> all;
    for (bool ordinary : {false, true})
        for (auto best : {containment::pid_namespace, containment::cgroup, containment::subreaper})
            for (auto storage : {storage_backend::tmpfs, storage_backend::memory, storage_backend::disk}) {
                if (ordinary && !is_root)
                    continue;
                auto some = walk(storage, best, ordinary);
                all.insert(all.end(), some.begin(), some.end());
            }
    return all;
}

int run(const options& chosen) {
    const bool is_root = ::geteuid() == 0;
    auto bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    rig machine{{bin / "gestvenv-fault-subject", bin / "gestvenv-fault-launcher"}, chosen.place};
    auto sum = load(chosen);
    const auto walked = chosen.walks ? whole_walk(is_root) : std::vector<cycle>{};
    const auto end = chosen.walks ? walked.size() : chosen.cycles;
    auto first = sum.cycles;
    auto last = end;
    if (chosen.only) {
        first = *chosen.only;
        last = first + 1;
    }
    for (auto number = first; number < last && interrupted == 0; ++number) {
        auto what = chosen.walks ? walked.at(number) : draw(chosen.seed, number, is_root);
        if (chosen.verbose)
            fmt::print("{}: {}\n", number, to_string(what));
        auto report = machine.run(what);
        add(sum, what, report, number);
        if (chosen.verbose)
            fmt::print("{}", report.said);
        if (sum.cycles % 100 == 0)
            save(chosen, sum);
        if (sum.cycles % 500 == 0) {
            fmt::print("{} of {} cycles, {} left something\n", sum.cycles, end, sum.failed);
            std::fflush(stdout);
        }
    }
    save(chosen, sum);
    print(sum);
    return sum.failed == 0 ? 0 : 1;
}

} // namespace

} // namespace gestvenv::faults

int main(int count, char** words) {
    using namespace gestvenv::faults;
    options chosen;
    CLI::App app{"Faults at random in a runtime that is used, and a look after each for what is left."};
    app.add_option("--cycles", chosen.cycles, "How many (default: 1000)");
    app.add_option("--seed", chosen.seed, "Which ones; the same seed makes the same (default: 1)");
    app.add_option("--only", chosen.only, "The cycle of this number alone, to see a failure again");
    app.add_option("--resume", chosen.resume, "Keep the totals in this file, and go on from it");
    app.add_option("--place", chosen.place,
                   "Folder for everything the cycles make (default: the temporary one)");
    app.add_flag("--walk", chosen.walks,
                 "Every step with every fault, storage, containment and privilege instead");
    app.add_flag("--verbose", chosen.verbose, "Print each cycle and what the program said");
    CLI11_PARSE(app, count, words);
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    try {
        return run(chosen);
    } catch (const std::exception& problem) {
        fmt::print(stderr, "error: {}\n", problem.what());
        return 2;
    }
}
