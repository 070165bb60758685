// SPDX-License-Identifier: MIT
// What a caller asks for when creating an environment.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>
#include <gestvenv/project_source.hpp>
#include <gestvenv/resource_limits.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// `max_idle_time` of an environment without a `ttl` of its own.
inline constexpr std::chrono::seconds default_idle_time{300};

/// The request for one environment; `environment_spec{}` is a valid one. Checked as a whole before anything
/// is made (see messages/validation.hpp).
struct environment_spec {
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`, not starting with `.` or `-`; empty: a name is generated. Unique among
    /// the living environments of a runtime.
    std::string name;
    /// Unset: the configured `default_backend`.
    std::optional<backend> package_backend;
    /// `3.12`, `3.12.1`, a range such as `>=3.10,<3.13`, or the path of an interpreter; unset: the configured
    /// default, else `runtime_options::preferred_python`, else the system's python3.
    std::optional<std::string> python_version;
    /// Time to live, 1 s to `longest_duration`, or `unlimited`; unset: the configured `default_ttl`.
    std::optional<std::chrono::seconds> ttl;
    /// Longest time without activity, 1 s to `longest_duration`, or `unlimited`; unset: 300 s where no `ttl`
    /// is given, else none. A running command is activity.
    std::optional<std::chrono::seconds> max_idle_time;
    /// Unset: the configured `default_isolation_level`.
    std::optional<isolation_level> isolation;
    /// Unset: the configured `default_security_mode`.
    std::optional<security_mode> security;
    /// Refuse (isolation_unavailable) where processes can only be held together as well as it goes
    /// (containment `subreaper`): where program, launcher and keeper are killed at once, what they were
    /// running lives on.
    bool strict = false;
    gestvenv::resource_limits resource_limits;
    /// Whose shared memory, semaphores and message queues commands see.
    shared_memory shm = shared_memory::private_;
    /// Unset: the configured `storage_backend`.
    std::optional<gestvenv::storage_backend> storage_backend;
    /// How long to wait, in a fair queue, for room below the runtime's limits, at most `longest_duration`;
    /// unset: a creation that finds no room is refused at once.
    std::optional<std::chrono::milliseconds> wait_for_room;
    /// A command follows at once: what commands need is started while the environment is being made. It costs an
    /// environment in which nothing runs a process.
    bool command_follows = false;
    std::map<std::string, std::string> tags;
    /// Installed before the environment is ready: PEP 508 requirements.
    std::vector<std::string> packages;
    /// A requirements file, installed before the environment is ready.
    std::optional<std::string> requirements_file;
    /// A project, installed before packages and requirements.
    std::optional<project_source> project;
    /// Variables for what installs and for the builds that it starts, at creation and later (CC, CFLAGS,
    /// SETUPTOOLS_SCM_PRETEND_VERSION ...), on top of those that installers get; foreign build code sees
    /// them.
    std::map<std::string, std::string> build_variables;
    /// Puts the pip that the interpreter came with into the environment, as `python -m venv` does; installing
    /// needs none. It takes a second or two.
    bool with_pip = false;

    /// Whether there is something to install before it is ready.
    bool installs() const noexcept { return with_pip || project || requirements_file || !packages.empty(); }

    friend bool operator==(const environment_spec&, const environment_spec&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, environment_spec& x) {
    return f.object(x).fields(
        f.field("name", x.name), f.field("backend", x.package_backend),
        f.field("python_version", x.python_version), f.field("ttl", x.ttl),
        f.field("max_idle_time", x.max_idle_time), f.field("isolation_level", x.isolation),
        f.field("security_mode", x.security), f.field("strict", x.strict),
        f.field("resource_limits", x.resource_limits), f.field("shm", x.shm),
        f.field("storage_backend", x.storage_backend), f.field("wait_for_room", x.wait_for_room),
        f.field("command_follows", x.command_follows), f.field("tags", x.tags),
        f.field("packages", x.packages), f.field("requirements_file", x.requirements_file),
        f.field("project", x.project), f.field("build_variables", x.build_variables),
        f.field("with_pip", x.with_pip));
}

} // namespace gestvenv
