// SPDX-License-Identifier: MIT
// A request for one environment.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>
#include <gestvenv/install_context.hpp>
#include <gestvenv/project_source.hpp>
#include <gestvenv/resource_limits.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// Default of `max_idle_time` for an environment that sets no `ttl`.
inline constexpr std::chrono::seconds default_idle_time{300};

/// A request for one environment; `environment_spec{}` is valid. It is checked as a whole before anything is
/// made (see messages/validation.hpp): a value out of range is refused with `invalid_argument`.
struct environment_spec {
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`, not starting with `.` or `-`; empty: a name is generated. Unique among
    /// the living environments of a runtime.
    std::string name;
    /// The tool that installs packages; unset: the configured `default_backend`.
    std::optional<backend> package_backend;
    /// `3.12`, `3.12.1`, a range such as `>=3.10,<3.13`, or the path of an interpreter; unset: the configured
    /// default, else `runtime_options::preferred_python`, else the system's python3.
    std::optional<std::string> python_version;
    /// Time to live, 1 s to `longest_duration`, or `unlimited`; unset: the configured `default_ttl`.
    std::optional<std::chrono::seconds> ttl;
    /// Longest time without activity, 1 s to `longest_duration`, or `unlimited`; unset: 300 s if `ttl` is
    /// unset too, else unlimited. A running command counts as activity.
    std::optional<std::chrono::seconds> max_idle_time;
    /// Unset: the configured `default_isolation_level`.
    std::optional<isolation_level> isolation;
    /// Unset: the configured `default_security_mode`.
    std::optional<security_mode> security;
    /// Refuse with `isolation_unavailable` if only the best-effort containment `subreaper` is available. With
    /// it, processes live on if program, launcher and keeper are killed at the same instant.
    bool strict = false;
    /// Limits of this environment. A limit that the machine cannot enforce is refused with
    /// `isolation_unavailable`.
    gestvenv::resource_limits resource_limits;
    /// Whether commands see private shared memory, semaphores and message queues, or the host's.
    shared_memory shm = shared_memory::private_;
    /// Unset: the configured `storage_backend`.
    std::optional<gestvenv::storage_backend> storage_backend;
    /// How long to wait for capacity below the runtime's limits, first come, first served; more than 0, at
    /// most `longest_duration`. Unset: a creation that finds no capacity is refused at once with
    /// `resources_exhausted`.
    std::optional<std::chrono::milliseconds> wait_for_room;
    /// A command follows at once: the keeper, which runs commands, is started while the environment is being
    /// made. An environment in which nothing is run then costs a process.
    bool command_follows = false;
    /// At most 64: names of 1 to 128 bytes, values of at most 1024 bytes, UTF-8 without control characters.
    std::map<std::string, std::string> tags;
    /// PEP 508 requirements, at most 10,000, installed before the environment is ready.
    std::vector<std::string> packages;
    /// Path of a requirements file, installed before the environment is ready.
    std::optional<std::string> requirements_file;
    /// Paths of further ones. All of them and `packages` are installed in one step, as one set of requirements.
    std::vector<std::string> requirements_files;
    /// A project, installed before packages and requirements.
    std::optional<project_source> project;
    /// Variables for installers and for the builds that they start, at creation and later (CC, CFLAGS,
    /// SETUPTOOLS_SCM_PRETEND_VERSION ...), on top of those that installers get anyway. Foreign build code
    /// sees them.
    std::map<std::string, std::string> build_variables;
    /// For what is installed at creation; unset: the runtime's own process.
    std::optional<gestvenv::install_context> install_context;
    /// Puts the interpreter's bundled pip into the environment, as `python -m venv` does. This takes a second
    /// or two; installing packages does not need it.
    bool with_pip = false;

    /// Whether anything has to be installed before the environment is ready.
    bool installs() const noexcept {
        return with_pip || project || requirements_file || !requirements_files.empty() || !packages.empty();
    }

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
        f.field("requirements_files", x.requirements_files), f.field("project", x.project),
        f.field("build_variables", x.build_variables), f.field("install_context", x.install_context),
        f.field("with_pip", x.with_pip));
}

} // namespace gestvenv
