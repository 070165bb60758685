// SPDX-License-Identifier: MIT
#include "tools/faults/common/launcher_look.hpp"

#include "tools/faults/common/process_look.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;

// Two sockets differ in their numbers alone, and so do two mounts without a name.
std::string kind_of(std::string target) {
    auto bracket = target.find(":[");
    return bracket != std::string::npos && !target.starts_with("anon_inode") ? target.substr(0, bracket)
                                                                             : target;
}

} // namespace

launcher_look look_at_launcher(pid_t launcher) {
    launcher_look result;
    std::error_code gone;
    const files::path process = fmt::format("/proc/{}", launcher);
    for (files::directory_iterator entry{process / "fd", gone}, end; !gone && entry != end;
         entry.increment(gone)) {
        std::error_code closed;
        if (auto target = files::read_symlink(entry->path(), closed); !closed)
            ++result.descriptors[kind_of(target.string())];
    }
    std::ifstream mounts{process / "mountinfo"};
    for (std::string line; std::getline(mounts, line);)
        result.mounts.insert(line);
    auto add_namespaces = [&result](pid_t pid) {
        for (const auto& [kind, name] : namespaces_of(pid))
            result.namespaces.insert(name);
    };
    add_namespaces(launcher);
    for (const auto& below : living_below(launcher)) {
        ++result.processes;
        add_namespaces(below.pid);
    }
    return result;
}

std::string what_is_new(const launcher_look& before, const launcher_look& after) {
    std::string text;
    for (const auto& [kind, count] : after.descriptors) {
        auto was = before.descriptors.find(kind);
        auto earlier = was == before.descriptors.end() ? 0 : was->second;
        if (count > earlier)
            text += fmt::format(" {} more descriptors of {};", count - earlier, kind);
    }
    for (const auto& mount : after.mounts)
        if (!before.mounts.contains(mount))
            text += fmt::format(" the mount {};", mount);
    for (const auto& name : after.namespaces)
        if (!before.namespaces.contains(name))
            text += fmt::format(" the namespace {};", name);
    if (after.processes > before.processes)
        text += fmt::format(" {} processes;", after.processes - before.processes);
    return text;
}

} // namespace gestvenv::faults
