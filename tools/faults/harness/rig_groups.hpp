// SPDX-License-Identifier: MIT
// The control groups of a rig: everything that a cycle makes is below them.
#pragma once

#include "system/limits/cgroup.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "tools/faults/harness/rig_sweep.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

/// One group in each hierarchy that takes any, with this process in it. Not thread-safe.
class rig_groups {
public:
    /// Each group is told to `sweep` before it is made. A hierarchy in which none can be made is left out: then
    /// no environment has groups there either.
    explicit rig_groups(const rig_sweep& sweep);
    rig_groups(const rig_groups&) = delete;
    rig_groups& operator=(const rig_groups&) = delete;
    /// This process is back in the groups that it came from, and the rig's are removed.
    ~rig_groups();

    /// Absolute, as the subject takes them.
    std::vector<std::string> paths() const;
    /// What cycles made in them, each before its own children.
    std::vector<std::filesystem::path> made() const;
    /// Living processes in the rig's own groups, this one left out.
    std::vector<pid_t> processes() const;

private:
    void enter(const rig_sweep& sweep, const outcome<cgroup_tree>& tree, const std::string& own);

    std::vector<cgroup> outside_;
    std::vector<cgroup> inside_;
};

} // namespace gestvenv::faults
