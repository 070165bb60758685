// SPDX-License-Identifier: MIT
#include "system/limits/process_capacity.hpp"

#include "system/limits/cgroup_mounts.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

namespace {

// What the user runs already is only to be had by a walk over /proc.
constexpr rlim_t low_limit = 4096;

std::optional<std::int64_t> number_in(const std::string& path) {
    const auto text = content_of_table(path.c_str());
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
        return std::nullopt;
    return value;
}

struct group_room {
    std::optional<std::int64_t> least; ///< of the groups that have a limit
    bool known = false;                ///< every group above was seen
};

// The root of a hierarchy has no such file, and no limit.
void look_at(const std::string& group, group_room& found) {
    const auto limit = content_of_table((group + "/pids.max").c_str());
    if (limit.empty())
        return;
    found.known = true;
    if (limit.starts_with("max"))
        return;
    auto most = number_in(group + "/pids.max");
    auto now = number_in(group + "/pids.current");
    const auto room = most && now ? *most - *now : 0;
    found.least = std::min(found.least.value_or(room), room);
}

group_room room_in_groups() {
    group_room found;
    const auto tables = cgroup_tables::read();
    auto mounted = tables.find_mount("cgroup", "pids");
    const bool one = !mounted.point.empty();
    if (!one)
        mounted = tables.find_mount("cgroup2", {});
    if (mounted.point.empty())
        return found;
    auto group = tables.own_folder(mounted, one ? "pids" : "");
    // A container shows its own group as the root: with a limit there, that is the one.
    found.known = group == mounted.point && mounted.root == "/";
    for (;; group.erase(group.rfind('/'))) {
        look_at(group, found);
        if (group.size() <= mounted.point.size())
            break;
    }
    return found;
}

} // namespace

bool has_process_capacity(std::int64_t count) {
    rlimit own{};
    if (::getrlimit(RLIMIT_NPROC, &own) != 0 || own.rlim_cur < low_limit)
        return false;
    auto found = room_in_groups();
    return found.known && found.least.value_or(count) >= count;
}

std::optional<std::int64_t> process_room() {
    return room_in_groups().least;
}

} // namespace gestvenv
