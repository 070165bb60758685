// SPDX-License-Identifier: MIT
// What to install into an environment or take out of it, and what came of it.
#pragma once

#include <gestvenv/inspect_support.hpp>
#include <gestvenv/project_source.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// One installation. Items are data, never options: see system/python/requirement.hpp for what is accepted.
struct install_request {
    /// PEP 508 requirements.
    std::vector<std::string> packages;
    /// Requirements files, as the host sees them.
    std::vector<std::string> requirements_files;
    /// A project, by itself: packages and requirements files are then empty.
    std::optional<project_source> project;
    /// Take newer versions of what is there already. Refused for a project that is locked.
    bool upgrade = false;
    /// Nothing but what is in the caches of this machine; on for all where the runtime is offline.
    bool offline = false;
    /// Killed after this time, more than 0.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};

    bool empty() const noexcept { return packages.empty() && requirements_files.empty() && !project; }

    friend bool operator==(const install_request&, const install_request&) = default;
};

/// Packages to take out of an environment. What they depended on stays. pdm and poetry refuse what something
/// else needs.
struct uninstall_request {
    /// Names alone, at least one.
    std::vector<std::string> packages;
    /// Killed after this time, more than 0.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};

    friend bool operator==(const uninstall_request&, const uninstall_request&) = default;
};

/// A package with the version that is installed.
struct installed_package {
    std::string name;
    std::string version;

    friend bool operator==(const installed_package&, const installed_package&) = default;
};

/// What an installation, or its contrary, changed. A failed one is an error instead, carrying the backend's
/// own words.
struct install_result {
    /// New, or in another version than before.
    std::vector<installed_package> installed;
    /// What it replaced or took out, in its old version.
    std::vector<installed_package> removed;
    /// What was to be taken out and was not there.
    std::vector<std::string> missing;
    /// The lock of a project that was followed, e.g. `uv.lock`; empty: there was none.
    std::string lock;
    /// Of the attempt that succeeded.
    std::chrono::nanoseconds duration{0};
    /// How often it was tried; more than once only where the network failed.
    int attempts = 1;
    /// Which backend did it, e.g. `uv`.
    std::string backend;
    /// What was done in another way than usual, and why, in a sentence each: a folder that was built in place
    /// because no overlay could be laid over it.
    std::vector<std::string> notes;

    friend bool operator==(const install_result&, const install_result&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, install_request& x) {
    return f.object(x).fields(f.field("packages", x.packages),
                              f.field("requirements_files", x.requirements_files),
                              f.field("project", x.project), f.field("upgrade", x.upgrade),
                              f.field("offline", x.offline), f.field("timeout", x.timeout));
}

template <class Inspector>
bool inspect(Inspector& f, uninstall_request& x) {
    return f.object(x).fields(f.field("packages", x.packages), f.field("timeout", x.timeout));
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
