// SPDX-License-Identifier: MIT
// Where this process stands in a hierarchy of cgroups, and where it makes groups of its own.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"
#include "system/limits/cgroup_mounts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

class trial_record;

class cgroup_tree {
public:
    /// The tree of version 2. Below our own group, or below the nearest one above it that passes controllers
    /// on when ours does not: a group with processes of its own cannot (Documentation/admin-guide/
    /// cgroup-v2.rst, "No Internal Process Constraint"). Never outside of a service, or of a group with
    /// limits (system/limits/unit_group.hpp); in a delegated one its processes make room. Fails with the
    /// reason when there is no such tree, when groups cannot be made in it, or when the kernel has no
    /// `cgroup.kill`.
    /// What `record` knows to work is not tried again, and what works is noted there.
    static outcome<cgroup_tree> find(trial_record* record = nullptr,
                                     const cgroup_tables& tables = cgroup_tables::read());
    /// The hierarchy of version 1 that has `controller`, below our own group.
    static outcome<cgroup_tree> find_version_one(std::string_view controller, trial_record* record = nullptr,
                                                 const cgroup_tables& tables = cgroup_tables::read());

    /// The group that memory counts to above our groups, in whichever version has that controller; empty:
    /// there is none. `groups`: where they are made in version 2, unset: they are not, and our own counts.
    static std::string folder_of_memory(const std::optional<cgroup_tree>& groups, const cgroup_tables& tables,
                                        bool& version_one);

    /// Makes `gestvenv/NAME`, `NAME` exclusively: `name_in_use` when it is taken.
    outcome<cgroup> make(const std::string& name) const;
    /// Removes the shared parent `gestvenv` if no group is left in it.
    void tidy() const noexcept;

    /// The shared parent of all groups that are made here.
    std::string parent() const { return path_ + "/gestvenv"; }
    /// The group that it is made in.
    const std::string& place() const noexcept { return path_; }
    /// Whether groups made here have that controller (version 2).
    bool has(std::string_view controller) const;
    /// The group that was not left although it passes no controllers on; empty: none.
    const std::string& kept_in() const noexcept { return kept_in_; }

private:
    /// Tries to make groups below `path`; learns which controllers they have.
    static outcome<cgroup_tree> probe(std::string path, trial_record* record);
    /// Makes a group and removes it. The controllers that it has.
    outcome<std::vector<std::string>> try_group() const;
    void pass_controllers_on() const;

    std::string path_;
    std::string kept_in_;
    std::vector<std::string> controllers_;
};

} // namespace gestvenv
