// SPDX-License-Identifier: MIT
#include "system/limits/limit_files.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::int64_t usual_period = 100'000;
constexpr std::int64_t long_period = 1'000'000;
// The kernel takes no less.
constexpr std::int64_t least_quota = 1'000;

bool has_file(const cgroup& group, const std::string& name) {
    return ::faccessat(group.get(), name.c_str(), F_OK, 0) == 0;
}

} // namespace

std::vector<limit_file> memory_files(cgroup_version version, std::int64_t bytes) {
    auto all = std::to_string(bytes);
    if (version == cgroup_version::one)
        // The second counts memory and swap together, and must not be below the first.
        return {{"memory.limit_in_bytes", all}, {"memory.memsw.limit_in_bytes", all, true}};
    // No memory.high: it slows a program down for minutes that stays within its limit.
    return {{"memory.max", all}, {"memory.swap.max", "0", true}};
}

std::vector<limit_file> cpu_files(cgroup_version version, double percent) {
    auto quota_for = [percent](std::int64_t period) {
        return static_cast<std::int64_t>(std::llround(percent / 100 * static_cast<double>(period)));
    };
    auto period = quota_for(usual_period) < least_quota ? long_period : usual_period;
    auto quota = std::to_string(std::max(quota_for(period), least_quota));
    if (version == cgroup_version::one)
        return {{"cpu.cfs_period_us", std::to_string(period)}, {"cpu.cfs_quota_us", quota}};
    return {{"cpu.max", quota + " " + std::to_string(period)}};
}

std::vector<limit_file> pids_files(cgroup_version, std::int64_t threads) {
    return {{"pids.max", std::to_string(threads)}};
}

outcome<void> write_limits(const cgroup& group, const std::vector<limit_file>& files) {
    for (const auto& file : files)
        if (!file.may_be_missing || has_file(group, file.name))
            if (auto written = group.write(file.name.c_str(), file.value); !written)
                return written;
    return {};
}

std::int64_t memory_limit_hits(const cgroup& group, cgroup_version version) {
    if (version == cgroup_version::two)
        return group.read_entry("memory.events", "max");
    // Memory and swap together are charged first, and have the same limit.
    return std::atoll(group.read("memory.failcnt").c_str()) +
           std::atoll(group.read("memory.memsw.failcnt").c_str());
}

std::int64_t highest_memory(const cgroup& group, cgroup_version version) {
    auto text = group.read(version == cgroup_version::one ? "memory.max_usage_in_bytes" : "memory.peak");
    return text.empty() ? -1 : std::atoll(text.c_str()); // Linux before 5.19 has no memory.peak
}

std::int64_t refused_threads(const cgroup& group) {
    return group.read_entry("pids.events", "max");
}

std::int64_t out_of_memory_kills(const cgroup& group, cgroup_version version) {
    return group.read_entry(version == cgroup_version::one ? "memory.oom_control" : "memory.events",
                            "oom_kill");
}

} // namespace gestvenv
