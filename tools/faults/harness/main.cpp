// SPDX-License-Identifier: MIT
// Faults at random, or all of them in order, and a look after each for what is left. The program of
// tools/chaos.
#include "tools/faults/harness/busy_cores.hpp"
#include "tools/faults/harness/campaign.hpp"
#include "tools/faults/harness/draw.hpp"
#include "tools/faults/harness/node_campaign.hpp"
#include "tools/faults/harness/syscall_campaign.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::faults {

namespace {

volatile std::sig_atomic_t interrupted = 0;

struct options {
    campaign what;
    std::filesystem::path place = std::filesystem::temp_directory_path();
    bool walks = false;
    bool busy = false;
    bool syscalls = false;
    bool node = false;
    bool verbose = false;
};

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

std::filesystem::path own_folder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

rig::programs programs_with_faults() {
    return {own_folder() / "gestvenv-fault-subject", own_folder() / "gestvenv-fault-launcher"};
}

int run_with_failing_calls(const options& chosen) {
    syscall_rig machine{programs_with_faults(), own_folder(), chosen.place};
    std::optional<busy_cores> spinning;
    if (chosen.busy)
        spinning.emplace();
    syscall_campaign what;
    what.cycles = chosen.what.cycles;
    what.only = chosen.what.only;
    what.verbose = chosen.verbose;
    what.which = [&](std::uint64_t number) { return draw_syscall(chosen.what.seed, number); };
    what.run = [&](const syscall_cycle& next) { return machine.run(next); };
    what.stopped = [] { return interrupted != 0; };
    const auto sum = run_syscall_campaign(what);
    fmt::print("{}", to_string(sum));
    return sum.failed == 0 ? 0 : 1;
}

int run_with_node(const options& chosen) {
    node_rig machine{{own_folder() / "gestvenv-fault-node", own_folder() / "gestvenv-fault-launcher"},
                     chosen.place};
    std::optional<busy_cores> spinning;
    if (chosen.busy)
        spinning.emplace();
    const auto walked = chosen.walks ? node_walk() : std::vector<node_cycle>{};
    node_campaign what;
    what.cycles = chosen.walks ? walked.size() : chosen.what.cycles;
    what.only = chosen.what.only;
    what.verbose = chosen.verbose;
    what.which = [&](std::uint64_t number) {
        return chosen.walks ? walked.at(number) : draw_node(chosen.what.seed, number);
    };
    what.run = [&](const node_cycle& next) { return machine.run(next); };
    what.stopped = [] { return interrupted != 0; };
    const auto sum = run_node_campaign(what);
    fmt::print("{}", to_string(sum));
    return sum.failed == 0 ? 0 : 1;
}

int run(options chosen) {
    const bool is_root = ::geteuid() == 0;
    rig machine{programs_with_faults(), chosen.place};
    std::optional<busy_cores> spinning;
    if (chosen.busy)
        spinning.emplace();
    const auto walked = chosen.walks ? whole_walk(is_root) : std::vector<cycle>{};
    auto& what = chosen.what;
    if (chosen.walks)
        what.cycles = walked.size();
    what.which = [&](std::uint64_t number) {
        return chosen.walks ? walked.at(number) : draw(what.seed, number, is_root);
    };
    std::uint64_t failed = 0;
    what.run = [&](std::uint64_t number, const cycle& next) {
        if (chosen.verbose)
            fmt::print("{}: {}\n", number, to_string(next));
        auto report = machine.run(next);
        if (!report.faults.empty()) {
            ++failed;
            print_failure(number, next, report);
        } else if (chosen.verbose)
            fmt::print("{}", report.said);
        if ((number + 1) % 500 == 0) {
            fmt::print("{} of {} cycles, {} of this run left something\n", number + 1, what.cycles, failed);
            std::fflush(stdout);
        }
        return report;
    };
    what.stopped = [] { return interrupted != 0; };
    auto sum = run_campaign(what);
    fmt::print("{}", to_string(sum));
    return sum.failed == 0 ? 0 : 1;
}

} // namespace

} // namespace gestvenv::faults

int main(int count, char** words) {
    using namespace gestvenv::faults;
    options chosen;
    CLI::App app{"Faults at random in a runtime that is used, and a look after each for what is left."};
    app.add_option("--cycles", chosen.what.cycles, "How many (default: 1000)");
    app.add_option("--seed", chosen.what.seed, "Which ones; the same seed makes the same (default: 1)");
    app.add_option("--only", chosen.what.only,
                   "The cycle of this number alone, to see a failure again; not counted in --resume");
    app.add_option("--resume", chosen.what.resume, "Keep the totals in this file, and go on from it");
    app.add_option("--place", chosen.place,
                   "Folder for everything the cycles make (default: the temporary one)");
    app.add_flag("--walk", chosen.walks,
                 "Every step with every fault, storage, containment and privilege instead");
    app.add_flag("--syscalls", chosen.syscalls,
                 "System calls fail instead, as strace makes them, in runs of the whole program");
    app.add_flag("--node", chosen.node,
                 "A node with clients is under fault instead, in random cycles or by --walk");
    app.add_flag("--busy", chosen.busy,
                 "Keep every core busy with something else meanwhile: other orders of the same steps");
    app.add_flag("--verbose", chosen.verbose, "Print each cycle and what the program said");
    CLI11_PARSE(app, count, words);
    std::signal(SIGINT, [](int) { interrupted = 1; });
    std::signal(SIGTERM, [](int) { interrupted = 1; });
    try {
        if (chosen.node)
            return run_with_node(chosen);
        return chosen.syscalls ? run_with_failing_calls(chosen) : run(std::move(chosen));
    } catch (const std::exception& problem) {
        fmt::print(stderr, "error: {}\n", problem.what());
        return 2;
    }
}
