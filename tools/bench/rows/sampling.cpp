// SPDX-License-Identifier: MIT
// What it costs to measure a thousand environments once.
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace gestvenv::bench {

namespace {

constexpr int many = 1000;
// Totals are measured anew when they are older than a second.
constexpr std::chrono::milliseconds pause{1100};

// Time on a processor, of this process and the launcher.
std::chrono::nanoseconds processor_time(const std::string& launcher) {
    std::int64_t own = 0;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    for (auto value : {usage.ru_utime, usage.ru_stime})
        own += value.tv_sec * 1'000'000'000 + value.tv_usec * 1'000;
    std::ifstream file{"/proc/" + launcher + "/schedstat"};
    std::int64_t of_launcher = 0;
    if (!(file >> of_launcher))
        throw std::runtime_error{"/proc/" + launcher + "/schedstat cannot be read"};
    return std::chrono::nanoseconds{own + of_launcher};
}

std::string measure(const runtime& host, const std::string& launcher, int runs) {
    std::vector<std::chrono::nanoseconds> costs;
    for (int run = 0; run < runs; ++run) {
        std::this_thread::sleep_for(pause);
        auto before = processor_time(launcher);
        auto usage = host.usage();
        costs.push_back(processor_time(launcher) - before);
        if (usage.active_environments != many)
            throw std::runtime_error{"some environments are missing"};
    }
    auto figures = summarise(costs);
    auto milliseconds = [](std::chrono::nanoseconds value) {
        return static_cast<double>(value.count()) / 1e6;
    };
    return fmt::format("{:.1f} ms of a core (at most {:.1f})", milliseconds(figures.p50),
                       milliseconds(figures.p99));
}

} // namespace

void measure_sampling(const context& shared, int runs, row_result& result) {
    auto options = host_options();
    options.config.max_concurrent = many;
    options.config.max_total_memory_mb = std::int64_t{1} << 30;
    options.config.enable_monitoring = false; // each sampling here is asked for
    runtime host{options};
    std::vector<environment> all;
    for (int i = 0; i < many; ++i)
        all.push_back(host.create(plain_environment(shared)));
    auto path = all.front().host_path().string().substr(6);
    const auto launcher = path.substr(0, path.find('/'));

    auto note = [&](const char* state, const char* target) {
        result.notes.push_back(
            fmt::format("{} environments, {}: {}{}", many, state, measure(host, launcher, runs), target));
    };
    note("unused", "");
    for (auto& item : all)
        execute(item, {"/bin/true"});
    note("idle after a command", "  target: at most 20 ms");
    std::vector<std::future<operation_result>> running;
    for (auto& item : all)
        running.push_back(item.execute_async({.arguments = {"/bin/sleep", "1000"}}));
    note("a command running in each", "  target: at most 20 ms");
    for (auto& item : all)
        destroy(item);
}

} // namespace gestvenv::bench
