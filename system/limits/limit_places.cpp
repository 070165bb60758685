#include "system/limits/limit_places.hpp"

#include <algorithm>

namespace gestvenv {

namespace {

bool fits_namespace(const limit_places& places, int threads) {
    return places.least_in_namespace && threads >= *places.least_in_namespace;
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
    bool version_two = places.pids.available && places.pids.version() == cgroup_version::two;
    if (!version_two && fits_namespace(places, limits.max_threads))
        plan.threads_in_namespace = limits.max_threads;
    else if (places.pids.available)
        plan.threads = limits.max_threads;
    plan.processes = limits.max_processes;
    return plan;
}

outcome<void> check_limits(const limit_places& places, const resource_limits& limits) {
    if (limits.max_memory && !places.memory.available)
        return unenforced("max_memory", places.memory.why);
    if (limits.max_cpu_percent && !places.cpu.available)
        return unenforced("max_cpu_percent", places.cpu.why);
    if (limits.max_threads != resource_limits{}.max_threads && !places.pids.available &&
        !fits_namespace(places, limits.max_threads))
        return unenforced("max_threads", places.pids.why);
    return {};
}

} // namespace gestvenv
