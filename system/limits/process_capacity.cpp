// SPDX-License-Identifier: MIT
#include "system/limits/process_capacity.hpp"

#include "system/limits/cgroup_mounts.hpp"

#include <sys/resource.h>

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

// The root of a hierarchy has no such file, and no limit.
bool is_full(const std::string& group, std::int64_t count, bool& seen) {
    const auto limit = content_of_table((group + "/pids.max").c_str());
    if (limit.empty())
        return false;
    seen = true;
    if (limit.starts_with("max"))
        return false;
    auto most = number_in(group + "/pids.max");
    auto now = number_in(group + "/pids.current");
    return !most || !now || *most - *now < count;
}

} // namespace

bool has_process_capacity(std::int64_t count) {
    rlimit own{};
    if (::getrlimit(RLIMIT_NPROC, &own) != 0 || own.rlim_cur < low_limit)
        return false;
    const auto tables = cgroup_tables::read();
    auto mounted = tables.find_mount("cgroup", "pids");
    const bool one = !mounted.point.empty();
    if (!one)
        mounted = tables.find_mount("cgroup2", {});
    if (mounted.point.empty())
        return false;
    auto group = tables.own_folder(mounted, one ? "pids" : "");
    // A container shows its own group as the root: with a limit there, that is the one.
    bool seen = group == mounted.point && mounted.root == "/";
    for (;; group.erase(group.rfind('/'))) {
        if (is_full(group, count, seen))
            return false;
        if (group.size() <= mounted.point.size())
            break;
    }
    return seen;
}

} // namespace gestvenv
