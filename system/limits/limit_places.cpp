// SPDX-License-Identifier: MIT
#include "system/limits/limit_places.hpp"

#include <algorithm>

namespace gestvenv {

namespace {

bool fits_namespace(const limit_places& places, count_limit threads) {
    return places.least_in_namespace && threads.count >= *places.least_in_namespace;
}

tl::unexpected<error> unenforced(const char* field, const std::string& why) {
    return failure(error_code::isolation_unavailable,
                   std::string{"the limit "} + field + " cannot be enforced on this machine: " + why,
                   "leave it out, or run where the cgroup controller can be used (docs/security.md)");
}

} // namespace

std::vector<std::string> limit_plan::parents(const limit_places& places) const {
    std::vector<std::string> all;
    auto add = [&all](const limit_place& place) {
        if (!place.parent.empty() && std::find(all.begin(), all.end(), place.parent) == all.end())
            all.push_back(place.parent);
    };
    if (memory_bytes)
        add(places.memory);
    if (cpu_percent)
        add(places.cpu);
    if (threads)
        add(places.pids);
    return all;
}

limit_plan plan_limits(const limit_places& places, const resource_limits& limits) {
    limit_plan plan;
    if (limits.max_memory && places.memory.available)
        plan.memory_bytes = limits.max_memory->bytes();
    if (limits.max_cpu_percent && places.cpu.available)
        plan.cpu_percent = limits.max_cpu_percent;
    if (limits.max_processes != unlimited_count)
        plan.processes = limits.max_processes.count;
    const auto threads = bound_of_threads(limits);
    if (threads == unlimited_count)
        return plan;
    // Only a group counts what it refuses. Where that takes joining one, it is worth it for a bound that was
    // asked for.
    const bool asked_for = threads != resource_limits{}.max_threads;
    const bool group_is_free = places.pids.available && places.pids.version() == cgroup_version::two;
    const bool by_group = group_is_free || (places.pids.available && asked_for);
    if (!by_group && fits_namespace(places, threads))
        plan.threads_in_namespace = threads.count;
    else if (places.pids.available)
        plan.threads = threads.count;
    return plan;
}

outcome<void> check_limits(const limit_places& places, const resource_limits& limits) {
    if (limits.max_memory && !places.memory.available)
        return unenforced("max_memory", places.memory.why);
    if (limits.max_cpu_percent && !places.cpu.available)
        return unenforced("max_cpu_percent", places.cpu.why);
    if (limits.max_threads != resource_limits{}.max_threads && limits.max_threads != unlimited_count &&
        !places.pids.available && !fits_namespace(places, limits.max_threads))
        return unenforced("max_threads", places.pids.why);
    return {};
}

} // namespace gestvenv
