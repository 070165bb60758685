// SPDX-License-Identifier: MIT
// Requests to install or uninstall packages, and their results.
#pragma once

#include <gestvenv/inspect_support.hpp>
#include <gestvenv/install_context.hpp>
#include <gestvenv/project_source.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// One installation. Items are data, never options: system/python/requirement.hpp documents the accepted
/// syntax.
struct install_request {
    /// PEP 508 requirements: at most 10,000, each at most 4096 bytes, 1 MiB together.
    std::vector<std::string> packages;
    /// Paths of requirements files, as the host sees them.
    std::vector<std::string> requirements_files;
    /// A project. It is installed by itself: `packages` and `requirements_files` must be empty then.
    std::optional<project_source> project;
    /// Replace installed packages by newer versions. Refused for a project with a lock.
    bool upgrade = false;
    /// Use only the caches of this machine, not the network. On for all installations if the runtime is
    /// offline.
    bool offline = false;
    /// The backend is killed after this time: more than 0 and at most `longest_duration`.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};
    /// Unset: the runtime's own process.
    std::optional<gestvenv::install_context> install_context;

    /// Whether the request names nothing to install.
    bool empty() const noexcept { return packages.empty() && requirements_files.empty() && !project; }

    friend bool operator==(const install_request&, const install_request&) = default;
};

/// Packages to remove from an environment. Their dependencies stay. pdm and poetry refuse to remove a package
/// that another one needs.
struct uninstall_request {
    /// Names without versions, at least one.
    std::vector<std::string> packages;
    /// The backend is killed after this time: more than 0 and at most `longest_duration`.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};
    /// Unset: the runtime's own process.
    std::optional<gestvenv::install_context> install_context;

    friend bool operator==(const uninstall_request&, const uninstall_request&) = default;
};

/// An installed package and its version.
struct installed_package {
    std::string name;
    std::string version;

    friend bool operator==(const installed_package&, const installed_package&) = default;
};

/// The changes of an installation or uninstallation. A failed one is an error instead, with the backend's own
/// message.
struct install_result {
    /// New packages, and packages whose version has changed, in the new version.
    std::vector<installed_package> installed;
    /// Packages that were replaced or removed, in the old version.
    std::vector<installed_package> removed;
    /// Names that were to be uninstalled and were not installed.
    std::vector<std::string> missing;
    /// The project's lock that was used, e.g. `uv.lock`; empty: there was none.
    std::string lock;
    /// Duration of the successful attempt.
    std::chrono::nanoseconds duration{0};
    /// Number of attempts; more than one only after a network failure.
    int attempts = 1;
    /// The backend that was used, e.g. `uv`.
    std::string backend;
    /// Deviations from the usual way, with the reason, one sentence each: for example a folder that was built
    /// in place because no overlay was possible.
    std::vector<std::string> notes;

    friend bool operator==(const install_result&, const install_result&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, install_request& x) {
    return f.object(x).fields(
        f.field("packages", x.packages), f.field("requirements_files", x.requirements_files),
        f.field("project", x.project), f.field("upgrade", x.upgrade), f.field("offline", x.offline),
        f.field("timeout", x.timeout), f.field("install_context", x.install_context));
}

template <class Inspector>
bool inspect(Inspector& f, uninstall_request& x) {
    return f.object(x).fields(f.field("packages", x.packages), f.field("timeout", x.timeout),
                              f.field("install_context", x.install_context));
}

template <class Inspector>
bool inspect(Inspector& f, installed_package& x) {
    return f.object(x).fields(f.field("name", x.name), f.field("version", x.version));
}

template <class Inspector>
bool inspect(Inspector& f, install_result& x) {
    return f.object(x).fields(f.field("installed", x.installed), f.field("removed", x.removed),
                              f.field("missing", x.missing), f.field("lock", x.lock),
                              f.field("duration", x.duration), f.field("attempts", x.attempts),
                              f.field("backend", x.backend), f.field("notes", x.notes));
}

} // namespace gestvenv
