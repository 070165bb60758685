// SPDX-License-Identifier: MIT
// What a launcher holds: memory of a detached tmpfs, a namespace or a pidfd lives as long as one descriptor
// to it does, and none of that is in any list of mounts or processes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <sys/types.h>

namespace gestvenv::faults {

struct launcher_look {
    /// By kind (`socket`, `anon_inode:[pidfd]`, a path), how many are open.
    std::map<std::string, int> descriptors;
    /// Lines of its /proc/PID/mountinfo.
    std::multiset<std::string> mounts;
    /// Those of the launcher and of everything below it.
    std::set<std::string> namespaces;
    std::size_t processes = 0;

    friend bool operator==(const launcher_look&, const launcher_look&) = default;
};

launcher_look look_at_launcher(pid_t launcher);

/// What the second has more of, one line; empty where it has nothing.
std::string what_is_new(const launcher_look& before, const launcher_look& after);

} // namespace gestvenv::faults
