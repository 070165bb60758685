// SPDX-License-Identifier: MIT
// What the runtime found possible, with the commands and settings that supply what is missing.
#pragma once

#include "tools/gestvenv/doctor/diagnosis.hpp"

#include <gestvenv/runtime.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// A group of the cgroup v2 tree.
struct group_facts {
    std::string folder;
    /// Controllers that it has, and that it passes on to the groups below.
    std::vector<std::string> offered;
    std::vector<std::string> passed_on;
    /// It may be told to pass more on: by this user, and by the kernel, which refuses that of a group with processes,
    /// but not of the root of all.
    bool can_pass_more_on = false;
};

/// What decides which advice is the right one.
struct machine_facts {
    std::uint32_t user = 0;
    /// Of the running kernel.
    int kernel_major = 0;
    int kernel_minor = 0;
    /// systemd manages the cgroups.
    bool has_systemd = false;
    bool has_cgroup_v2 = false;
    /// From the root of the cgroup v2 tree to this program's own group.
    std::vector<group_facts> groups;
    /// Of a container: what it may not do is decided outside.
    bool in_container = false;
    /// Of a pod: decided in its description.
    bool in_kubernetes = false;
    /// A user namespace that is not the machine's own: a rootless container, say.
    bool in_user_namespace = false;
    /// CAP_SYS_ADMIN is in force.
    bool has_sys_admin = false;
    /// System calls are filtered (seccomp).
    bool has_filter = false;
    /// Settings of the kernel, unset where it does not have them.
    std::optional<std::int64_t> unprivileged_userns_clone;
    std::optional<std::int64_t> max_user_namespaces;
    std::optional<std::int64_t> apparmor_restrict_unprivileged_userns;
};

/// This machine's.
machine_facts read_machine_facts();

/// The rows of processes and limits. Pure.
std::vector<ability> explain(const runtime_abilities& found, const machine_facts& facts);

/// What helps where a user may have no namespaces. Pure.
std::string advice_on_namespaces(const machine_facts& facts);

} // namespace gestvenv::cli
