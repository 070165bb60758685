// SPDX-License-Identifier: MIT
// Cgroups: groups of processes (cgroups(7)). Those of version 2 can be killed as a whole and joined at birth,
// with or without controllers; those of version 1 limit and account only. Only groups made here are ever
// killed or removed.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

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
    /// Kills every process in the group and below it, however fast they fork (`cgroup.kill`, Linux 5.14). In
    /// a group of version 1, which cannot do that, those that are in it now.
    outcome<void> kill() const;
    /// The same to those in the groups below it alone.
    outcome<void> kill_below() const;
    /// Whether a process is in the group or below it. A zombie no longer counts.
    bool populated() const;
    /// Sends a signal once to those that are in it or below it now, but `except`.
    void signal(int number, pid_t except) const;
    /// Descriptor that becomes readable (POLLPRI) when `populated` changes.
    outcome<descriptor> watch() const;
    /// Processes in the group and below it, bounded by `most`.
    std::int64_t count(std::int64_t most = 100000) const;
    /// The same by their ids.
    std::vector<pid_t> processes(std::size_t most = 100000) const;
    /// Those in the groups below it alone.
    std::vector<pid_t> processes_below(std::size_t most = 100000) const;
    /// Moves the calling process into the group; up to 10 ms in version 1.
    outcome<void> join() const;
    /// What a file of the group says, at most 4 KB of it; empty when it cannot be read.
    std::string read(const char* file) const;
    outcome<void> write(const char* file, std::string_view value) const;
    /// The number after `key` in a file of lines `key number`; 0 when there is none.
    std::int64_t read_entry(const char* file, std::string_view key) const;
    /// Number of the group and the groups below it that were removed; EBUSY while it is populated.
    outcome<std::int64_t> remove() const;

    /// The group of that path, if it exists and its name says that this program made it.
    static outcome<cgroup> open_ours(const std::string& path);

    /// One that has just been made.
    static outcome<cgroup> open_made(std::string path);

private:
    cgroup(descriptor folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}

    descriptor folder_;
    std::string path_;
};

/// Kills those of `found` that `list` still names when each is held by a descriptor: a number that was found
/// may be a stranger's by then.
outcome<void> kill_those_still_listed(std::span<const pid_t> found,
                                      const std::function<std::vector<pid_t>()>& list);
/// The same with another signal.
outcome<void> signal_those_still_listed(int number, std::span<const pid_t> found,
                                        const std::function<std::vector<pid_t>()>& list);

/// Whether the process is in a group of version 2 that has an environment's name; false when it is gone.
bool is_in_our_group(pid_t pid);

/// `gestvenv-` and the first 8 characters of the environment's id: the documented name of its groups.
std::string cgroup_name(std::string_view environment_id);

} // namespace gestvenv
