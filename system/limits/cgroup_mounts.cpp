// SPDX-License-Identifier: MIT
#include "system/limits/cgroup_mounts.hpp"

#include "system/posix/descriptor.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

bool lists(std::string_view comma_separated, std::string_view word) {
    while (!comma_separated.empty()) {
        auto item = comma_separated.substr(0, comma_separated.find(','));
        if (item == word)
            return true;
        comma_separated.remove_prefix(std::min(comma_separated.size(), item.size() + 1));
    }
    return false;
}

} // namespace

std::string content_of_table(const char* path) {
    std::string text;
    descriptor file{::open(path, O_RDONLY | O_CLOEXEC)};
    std::array<char, 8192> part{};
    for (ssize_t length = 0; file && (length = ::read(file.get(), part.data(), part.size())) > 0;)
        text.append(part.data(), static_cast<std::size_t>(length));
    return text;
}

// Takes what is before `end` off the front of `text`.
std::string_view take_until(std::string_view& text, char end) {
    auto item = text.substr(0, text.find(end));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    return item;
}

cgroup_tables cgroup_tables::read() {
    cgroup_tables result;
    result.mounts_ = content_of_table("/proc/self/mountinfo");
    result.groups_ = content_of_table("/proc/self/cgroup");
    return result;
}

// proc(5), mountinfo: "36 35 98:0 ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE SUPER_OPTIONS".
cgroup_mount cgroup_tables::find_mount(std::string_view type, std::string_view controller) const {
    for (std::string_view rest = mounts_; !rest.empty();) {
        auto line = take_until(rest, '\n');
        auto after = line.find(" - ");
        if (after == std::string_view::npos)
            continue;
        auto source = line.substr(after + 3);
        if (take_until(source, ' ') != type)
            continue;
        take_until(source, ' ');
        if (!controller.empty() && !lists(take_until(source, ' '), controller))
            continue;
        for (int skipped = 0; skipped < 3; ++skipped)
            take_until(line, ' ');
        cgroup_mount found;
        found.root = take_until(line, ' ');
        found.point = take_until(line, ' ');
        return found;
    }
    return {};
}

// proc(5), /proc/self/cgroup: "NUMBER:CONTROLLERS:GROUP", version 2 as "0::GROUP".
std::string cgroup_tables::own_group(std::string_view controller) const {
    for (std::string_view rest = groups_; !rest.empty();) {
        auto line = take_until(rest, '\n');
        auto number = take_until(line, ':');
        auto controllers = take_until(line, ':');
        if (controller.empty() ? number == "0" && controllers.empty() : lists(controllers, controller))
            return std::string{line};
    }
    return {};
}

std::string cgroup_tables::own_folder(const cgroup_mount& at, std::string_view controller) const {
    auto group = own_group(controller);
    if (at.root != "/" && group.starts_with(at.root))
        group.erase(0, at.root.size());
    return at.point + (group == "/" ? "" : group);
}

} // namespace gestvenv
