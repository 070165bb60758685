// SPDX-License-Identifier: MIT
#include "actors/admission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv {

reservation reservation_for(const resource_limits& limits, storage_backend storage) {
    reservation wanted{limits.max_memory.value_or(default_memory_reservation), {}};
    auto files = limits.max_disk.value_or(default_disk_reservation);
    if (storage == storage_backend::disk)
        wanted.disk = files;
    else
        wanted.memory = wanted.memory.count + files.count;
    return wanted;
}

namespace {

constexpr const char* memory_name = "memory (storage in RAM included)";

tl::unexpected<error> refuse(std::string message, const char* field) {
    return failure(error_code::resources_exhausted, std::move(message),
                   fmt::format("wait for an environment to end, destroy one, or raise {}", field));
}

} // namespace

outcome<void> admission::check_possible(reservation wanted) const {
    auto check = [](const char* what, megabytes asked, megabytes limit, const char* field) -> outcome<void> {
        if (asked <= limit)
            return {};
        return failure(error_code::resources_exhausted,
                       fmt::format("{} MB of {} were asked for and {} MB are all there is", asked.count, what,
                                   limit.count),
                       fmt::format("ask for less, or raise {}", field));
    };
    if (auto fits = check(memory_name, wanted.memory, config_.max_total_memory_mb, "max_total_memory_mb");
        !fits)
        return fits;
    return check("disk", wanted.disk, config_.max_total_disk_mb, "max_total_disk_mb");
}

outcome<void> admission::reserve(const std::string& id, reservation wanted) {
    if (held_.size() >= static_cast<std::size_t>(config_.max_concurrent))
        return refuse(
            fmt::format("the limit of {} environments at a time is reached", config_.max_concurrent),
            "max_concurrent");
    auto check = [&](const char* what, megabytes asked, megabytes used, megabytes limit,
                     const char* field) -> outcome<void> {
        // Compared by what is left, so that a huge request cannot overflow; limits may have been lowered
        // since.
        auto left = std::max<std::int64_t>(limit.count - used.count, 0);
        if (asked.count <= left)
            return {};
        return refuse(
            fmt::format("{} MB of {} were asked for and {} of {} MB are left; {} environments hold {} MB",
                        asked.count, what, left, limit.count, held_.size(), used.count),
            field);
    };
    if (auto fits = check(memory_name, wanted.memory, total_.memory, config_.max_total_memory_mb,
                          "max_total_memory_mb");
        !fits)
        return fits;
    if (auto fits = check("disk", wanted.disk, total_.disk, config_.max_total_disk_mb, "max_total_disk_mb");
        !fits)
        return fits;
    held_.emplace(id, wanted);
    total_.memory.count += wanted.memory.count;
    total_.disk.count += wanted.disk.count;
    return {};
}

bool admission::release(const std::string& id) {
    auto found = held_.find(id);
    if (found == held_.end())
        return false;
    total_.memory.count -= found->second.memory.count;
    total_.disk.count -= found->second.disk.count;
    held_.erase(found);
    return true;
}

} // namespace gestvenv
