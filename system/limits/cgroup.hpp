// Cgroups, version 2: groups of processes that can be killed as a whole and joined at birth
// (cgroups(7), Documentation/admin-guide/cgroup-v2.rst). On a hybrid machine the tree has no controllers,
// which is enough for tracking and killing. Only groups made here are ever killed or removed.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv {

/// A group made by this program. Closing the handle leaves the group as it is.
class cgroup {
public:
    cgroup() = default;

    explicit operator bool() const noexcept { return static_cast<bool>(folder_); }
    /// Open folder of the group, for CLONE_INTO_CGROUP.
    int get() const noexcept { return folder_.get(); }
    const std::string& path() const noexcept { return path_; }

    /// A group below this one. Fails with EEXIST rather than take over an existing one.
    outcome<cgroup> make(const std::string& name) const;
    /// Kills every process in the group and below it, however fast they fork (`cgroup.kill`, Linux 5.14).
    outcome<void> kill() const;
    /// Whether a process is in the group or below it. A zombie no longer counts.
    bool populated() const;
    /// Descriptor that becomes readable (POLLPRI) when `populated` changes.
    outcome<descriptor> watch() const;
    /// Processes in the group and below it, bounded by `most`.
    std::int64_t count(std::int64_t most = 100000) const;
    /// Number of the group and the groups below it that were removed; EBUSY while it is populated.
    outcome<std::int64_t> remove() const;

    /// The group of that path, if it exists and its name says that this program made it.
    static outcome<cgroup> open_ours(const std::string& path);

private:
    friend class cgroup_tree;
    cgroup(descriptor folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}

    descriptor folder_;
    std::string path_;
};

/// Where this process stands in the version 2 tree.
class cgroup_tree {
public:
    /// Fails with the reason when there is no version 2 tree, when groups cannot be made in it, or when the
    /// kernel has no `cgroup.kill`.
    static outcome<cgroup_tree> find();

    /// Makes `gestvenv/NAME` below our own group, `NAME` exclusively.
    outcome<cgroup> make(const std::string& name) const;
    /// Removes the shared parent `gestvenv` if no group is left in it.
    void tidy() const noexcept;

    /// The shared parent of all groups that are made here.
    std::string parent() const { return path_ + "/gestvenv"; }

private:
    std::string path_;
};

/// `gestvenv-` and the first 8 characters of the environment's id: the documented name of its group.
std::string cgroup_name(std::string_view environment_id);

} // namespace gestvenv
