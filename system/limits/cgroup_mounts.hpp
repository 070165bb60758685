// SPDX-License-Identifier: MIT
// Where the kernel shows groups, and in which of them this process is: /proc/self/mountinfo and
// /proc/self/cgroup (proc(5), cgroups(7)).
#pragma once

#include <string>
#include <string_view>

namespace gestvenv {

struct cgroup_mount {
    /// The group that the mount shows as its root.
    std::string root;
    /// Empty: there is no such mount.
    std::string point;
};

/// Both files as they are at one moment. The kernel writes the first anew for each reader, which takes it
/// some ten microseconds: several questions share one.
class cgroup_tables {
public:
    static cgroup_tables read();

    /// `type`: `cgroup2`, or `cgroup` for the hierarchy of version 1 that has `controller`.
    cgroup_mount find_mount(std::string_view type, std::string_view controller) const;
    /// The folder of our own group, where the mount shows it; `controller` is empty for version 2.
    std::string own_folder(const cgroup_mount& at, std::string_view controller) const;

private:
    std::string own_group(std::string_view controller) const;

    std::string mounts_;
    std::string groups_;
};

/// A file of /proc or of a group whole, in a few reads; empty when it cannot be read.
std::string content_of_table(const char* path);

/// Takes what is before `end` off the front of `text`, and `end` itself.
std::string_view take_until(std::string_view& text, char end);

} // namespace gestvenv
