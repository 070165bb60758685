// SPDX-License-Identifier: MIT
#include "tools/faults/harness/rig_groups.hpp"

#include "system/limits/cgroup_mounts.hpp"
#include "tools/faults/common/process_look.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;

/// In a group that passes controllers on, the one with the processes.
constexpr const char* group_of_processes = "processes";

// As the group's file takes them; empty in version 1, where groups have no need of it.
std::string passed_on_by(const cgroup_tree& tree) {
    std::string all;
    for (const char* controller : {"memory", "cpu", "pids"})
        if (tree.has(controller))
            all += fmt::format("{}+{}", all.empty() ? "" : " ", controller);
    return all;
}

} // namespace

rig_groups::rig_groups(const rig_sweep& sweep) {
    const auto tables = cgroup_tables::read();
    enter(sweep, cgroup_tree::find(nullptr, tables), tables.own_folder(tables.find_mount("cgroup2", {}), {}));
    for (const char* controller : {"memory", "pids", "cpu"})
        enter(sweep, cgroup_tree::find_version_one(controller, nullptr, tables),
              tables.own_folder(tables.find_mount("cgroup", controller), controller));
}

// Back to `own` at the end, and not to the group above ours: in version 2 one that passes controllers on takes no
// processes.
void rig_groups::enter(const rig_sweep& sweep, const outcome<cgroup_tree>& tree, const std::string& own) {
    if (!tree)
        return;
    auto name = fmt::format("gestvenv-rig-{}", ::getpid());
    sweep.add_group(tree->parent() + "/" + name);
    auto inside = tree->make(name);
    auto outside = cgroup::open_made(own);
    if (!inside || !outside)
        return; // the same hierarchy once more
    // Where groups have controllers, those of a cycle are made beside that of its processes, and so in ours too.
    std::optional<cgroup> of_processes;
    if (auto passed_on = passed_on_by(*tree); !passed_on.empty())
        if (auto made = inside->make(group_of_processes);
            made && inside->write("cgroup.subtree_control", passed_on))
            of_processes = std::move(*made);
    if (!(of_processes ? *of_processes : *inside).join())
        return;
    outside_.push_back(std::move(*outside));
    inside_.push_back(std::move(*inside));
    if (of_processes)
        inside_.push_back(std::move(*of_processes));
}

rig_groups::~rig_groups() {
    for (const auto& group : outside_)
        (void)group.join();
    for (const auto& group : inside_) {
        (void)group.remove();
        ::rmdir(files::path{group.path()}.parent_path().c_str());
    }
}

std::vector<std::string> rig_groups::paths() const {
    std::vector<std::string> result;
    for (const auto& group : inside_)
        result.push_back(group.path());
    return result;
}

std::vector<files::path> rig_groups::made() const {
    std::vector<files::path> result;
    std::error_code absent;
    for (const auto& group : inside_)
        for (files::recursive_directory_iterator entry{group.path(), absent}, end; !absent && entry != end;
             entry.increment(absent))
            if (entry->is_directory(absent) && entry->path().filename() != group_of_processes)
                result.push_back(entry->path());
    return result;
}

std::vector<pid_t> rig_groups::processes() const {
    std::vector<pid_t> result;
    for (const auto& group : inside_)
        for (auto pid : group.processes()) {
            auto process = look_at(pid);
            if (pid != ::getpid() && process && process->lives())
                result.push_back(pid);
        }
    return result;
}

} // namespace gestvenv::faults
