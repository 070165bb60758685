// SPDX-License-Identifier: MIT
// Random creations, installations, commands and destructions for a while, and then a look whether the runtime
// holds more of the machine than it did after warming up. The program of tools/soak.
#include "tools/endurance/life.hpp"
#include "tools/endurance/process_facts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace gestvenv::endurance {

namespace {

using clock = std::chrono::steady_clock;

struct options {
    int seconds = 1800;
    int threads = 4;
    std::uint32_t seed = 1;
    std::vector<std::string> packages{"six"};
};

// Growth by more than these is a leak: allocators and caches breathe, counts do not.
constexpr std::int64_t memory_slack = 12 << 20;

struct quiet_moment {
    process_facts program;
    process_facts launcher;
};

// The launcher's number is in the host path of an environment in a mount of its own.
pid_t launcher_of(runtime& host) {
    environment_spec spec;
    spec.storage_backend = storage_backend::tmpfs;
    auto path = host.create(spec).host_path().string();
    int number = 0;
    if (std::sscanf(path.c_str(), "/proc/%d/", &number) != 1)
        throw std::runtime_error{"storage is not mounted here, and the launcher is not to be found"};
    return number;
}

// The launcher may still be measuring folders for the monitor: a child for a moment.
quiet_moment look(pid_t launcher) {
    constexpr std::chrono::seconds longest{5};
    const auto deadline = clock::now() + longest;
    quiet_moment now;
    do {
        now = {facts_of(::getpid()), facts_of(launcher)};
    } while (now.launcher.children > 0 && clock::now() < deadline && ::poll(nullptr, 0, 10) == 0);
    return now;
}

void report(const char* when, const quiet_moment& now) {
    auto line = [when](const char* who, const process_facts& facts) {
        fmt::print("{:<14} {:<9} {:>8.1f} MB {:>5} descriptors {:>4} threads {:>4} children\n", when, who,
                   static_cast<double>(facts.memory) / (1 << 20), facts.descriptors, facts.threads,
                   facts.children);
    };
    line("program", now.program);
    line("launcher", now.launcher);
    std::fflush(stdout);
}

bool is_flat(const quiet_moment& before, const quiet_moment& after) {
    bool flat = true;
    auto check = [&flat](const char* what, std::int64_t then, std::int64_t now, std::int64_t slack) {
        if (now <= then + slack)
            return;
        flat = false;
        fmt::print(stderr, "error: {} grew from {} to {}\n", what, then, now);
    };
    for (auto [who, then, now] : {std::tuple{"program", &before.program, &after.program},
                                  std::tuple{"launcher", &before.launcher, &after.launcher}}) {
        check(fmt::format("the {}'s memory", who).c_str(), then->memory, now->memory, memory_slack);
        check(fmt::format("the {}'s descriptors", who).c_str(), then->descriptors, now->descriptors, 0);
        check(fmt::format("the {}'s threads", who).c_str(), then->threads, now->threads, 0);
        check(fmt::format("the {}'s children", who).c_str(), then->children, now->children, 0);
    }
    return flat;
}

// All threads at random until `end`; the first exception ends them all.
void live(runtime& host, tally& done, const options& wanted, std::uint32_t round, clock::time_point end) {
    std::mutex mutex;
    std::exception_ptr problem;
    std::vector<std::thread> threads;
    for (int number = 0; number < wanted.threads; ++number)
        threads.emplace_back(
            [&, seed = wanted.seed * 1000003 + round * 1009 + static_cast<std::uint32_t>(number)] {
                try {
                    life one{host, done, seed, wanted.packages};
                    auto failed = [&] {
                        std::scoped_lock lock{mutex};
                        return problem != nullptr;
                    };
                    while (clock::now() < end && !failed())
                        one.step();
                    one.end();
                } catch (const std::exception&) {
                    std::scoped_lock lock{mutex};
                    if (!problem)
                        problem = std::current_exception();
                }
            });
    for (auto& item : threads)
        item.join();
    if (problem)
        std::rethrow_exception(problem);
    if (!host.list().empty())
        throw std::runtime_error{"environments are left without an owner"};
}

int run(const options& wanted) {
    runtime_options settings;
    settings.log = [](std::string_view text) { fmt::print(stderr, "runtime: {}\n", text); };
    settings.config.max_concurrent = wanted.threads * 6;
    runtime host{settings};
    auto launcher = launcher_of(host);
    fmt::print("{} s, {} threads, seed {}\n", wanted.seconds, wanted.threads, wanted.seed);
    tally done;
    const auto began = clock::now();
    const auto end = began + std::chrono::seconds{wanted.seconds};
    // A fifth of the time to warm up: pools of threads and allocators have their size by then.
    live(host, done, wanted, 0, began + std::chrono::seconds{wanted.seconds} / 5);
    auto before = look(launcher);
    report("warmed up", before);
    for (std::uint32_t round = 1; clock::now() < end; ++round) {
        live(host, done, wanted, round, std::min(end, clock::now() + std::chrono::seconds{60}));
        report(fmt::format("after {} s",
                           std::chrono::duration_cast<std::chrono::seconds>(clock::now() - began).count())
                   .c_str(),
               look(launcher));
    }
    auto after = look(launcher);
    for (std::size_t i = 0; i < tally::size; ++i)
        fmt::print("{:<18} {}\n", tally::names[i], done.counts[i].load());
    if (!host.crash_reports().empty())
        throw std::runtime_error{"an actor of the runtime crashed: " +
                                 host.crash_reports().front().reason.message};
    if (!is_flat(before, after))
        return 1;
    fmt::print("flat: nothing grew\n");
    return 0;
}

} // namespace

} // namespace gestvenv::endurance

int main(int count, char** words) {
    gestvenv::endurance::options wanted;
    CLI::App app{
        "Uses a runtime at random and checks that it holds no more at the end than after warming up."};
    app.add_option("--seconds", wanted.seconds, "how long (1800)")->check(CLI::Range(5, 1'000'000));
    app.add_option("--threads", wanted.threads, "threads that use it (4)")->check(CLI::Range(1, 64));
    app.add_option("--seed", wanted.seed, "what is done, and in which order, in each thread (1)");
    app.add_option("--packages", wanted.packages, "what is installed (six)")->delimiter(',');
    CLI11_PARSE(app, count, words);
    try {
        return gestvenv::endurance::run(wanted);
    } catch (const std::exception& problem) {
        fmt::print(stderr, "error: {}\n\nhint: tools/soak --seed {} makes the same choices again\n",
                   problem.what(), wanted.seed);
        return 1;
    }
}
