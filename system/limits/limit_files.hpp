// SPDX-License-Identifier: MIT
// Limits as the kernel's cgroup files want them.
#pragma once

#include "messages/outcome.hpp"
#include "system/limits/cgroup.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv {

enum class cgroup_version : std::uint8_t { one, two };

/// What to write into a file of a group.
struct limit_file {
    std::string name;
    std::string value;
    /// Kernels without swap accounting do not have all of them.
    bool may_be_missing = false;

    friend bool operator==(const limit_file&, const limit_file&) = default;
};

/// Memory, and no swap beside it.
std::vector<limit_file> memory_files(cgroup_version version, std::int64_t bytes);
/// `percent` of one core, at least 0.1: in periods of 100 ms, below 1 % of 1 s.
std::vector<limit_file> cpu_files(cgroup_version version, double percent);
/// Threads, single-threaded processes counted as one.
std::vector<limit_file> pids_files(cgroup_version version, std::int64_t threads);

outcome<void> write_limits(const cgroup& group, const std::vector<limit_file>& files);

/// How often memory of the group met its own limit, and the most there has been of it; -1: it is not known.
std::int64_t memory_limit_hits(const cgroup& group, cgroup_version version);
std::int64_t highest_memory(const cgroup& group, cgroup_version version);

/// How often a thread or process was refused for the group's limit.
std::int64_t refused_threads(const cgroup& group);

/// How often the kernel has killed a process of the group for want of memory.
std::int64_t out_of_memory_kills(const cgroup& group, cgroup_version version);

} // namespace gestvenv
