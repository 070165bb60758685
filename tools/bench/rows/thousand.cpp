// SPDX-License-Identifier: MIT
// What a thousand living environments cost.
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

namespace gestvenv::bench {

namespace {

constexpr int many = 1000;
constexpr std::chrono::seconds quiet{15};

// A line of a file below /proc that begins with `name`, in bytes (proc(5) counts in KB).
std::int64_t kilobytes(const std::string& file, const std::string& name) {
    std::ifstream stream{file};
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with(name + ":"))
            return std::stoll(line.substr(name.size() + 1)) * 1024;
    throw std::runtime_error{file + " does not tell " + name};
}

struct memory {
    std::int64_t available = kilobytes("/proc/meminfo", "MemAvailable");
    std::int64_t program = 0;
    std::int64_t launcher = 0;
};

memory look(const std::string& launcher) {
    memory now;
    now.program = kilobytes("/proc/self/smaps_rollup", "Pss");
    now.launcher = kilobytes("/proc/" + launcher + "/smaps_rollup", "Pss");
    return now;
}

std::chrono::microseconds cpu_of_this_process() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    auto time = [](timeval value) {
        return std::chrono::seconds{value.tv_sec} + std::chrono::microseconds{value.tv_usec};
    };
    return time(usage.ru_utime) + time(usage.ru_stime);
}

} // namespace

void measure_thousand(const context& shared, int, row_result& result) {
    auto options = host_options();
    options.config.max_concurrent = many + 1;
    options.config.max_total_memory_mb = std::int64_t{1} << 30;
    runtime host{options};
    auto first = host.create(plain_environment(shared));
    auto path = first.host_path().string().substr(6);
    const auto launcher = path.substr(0, path.find('/'));
    first.destroy();

    const auto before = look(launcher);
    std::vector<environment> all;
    for (int i = 0; i < many; ++i)
        all.push_back(host.create(plain_environment(shared)));
    const auto unused = look(launcher);
    auto each = [](std::int64_t then, std::int64_t now) {
        return static_cast<double>(now - then) / many / 1024;
    };
    result.notes.push_back(
        fmt::format("{} unused environments: {:.1f} KB of user space each (program {:.1f}, launcher {:.1f}), "
                    "available memory less by {:.1f} KB each  target: at most 24 and 128 KB",
                    many, each(before.program + before.launcher, unused.program + unused.launcher),
                    each(before.program, unused.program), each(before.launcher, unused.launcher),
                    each(unused.available, before.available)));

    const auto cpu = cpu_of_this_process();
    const auto began = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(quiet);
    auto used = std::chrono::duration<double>{cpu_of_this_process() - cpu} /
                std::chrono::duration<double>{std::chrono::steady_clock::now() - began};
    result.notes.push_back(fmt::format("idle, {} environments, monitored every {} s: {:.2f} % of a core"
                                       "  target: under 1 %",
                                       many, options.config.monitoring_interval.count(), used * 100));

    for (auto& item : all)
        execute(item, {"/bin/true"});
    const auto after = look(launcher);
    result.notes.push_back(fmt::format("after a command in each: available memory less by {:.1f} KB each"
                                       "  target: at most 128 KB",
                                       each(after.available, before.available)));
    const auto end = std::chrono::steady_clock::now();
    for (auto& item : all)
        destroy(item);
    result.notes.push_back(
        fmt::format("all destroyed, one after another, in {:.2f} s",
                    std::chrono::duration<double>{std::chrono::steady_clock::now() - end}.count()));
}

} // namespace gestvenv::bench
