// What to install into an environment, and what came of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace gestvenv {

/// One installation. Items are data, never options: see system/python/requirement.hpp for what is accepted.
struct install_request {
    /// PEP 508 requirements.
    std::vector<std::string> packages;
    /// Requirements files, as the host sees them.
    std::vector<std::string> requirements_files;
    /// Take newer versions of what is there already.
    bool upgrade = false;
    /// Killed after this time, more than 0.
    std::chrono::milliseconds timeout = std::chrono::seconds{300};

    bool empty() const noexcept { return packages.empty() && requirements_files.empty(); }

    friend bool operator==(const install_request&, const install_request&) = default;
};

/// A package with the version that is installed.
struct installed_package {
    std::string name;
    std::string version;

    friend bool operator==(const installed_package&, const installed_package&) = default;
};

/// What an installation changed. A failed one is an error instead, carrying the backend's own words.
struct install_result {
    /// New, or in another version than before.
    std::vector<installed_package> installed;
    /// What it replaced, in its old version.
    std::vector<installed_package> removed;
    /// Of the attempt that succeeded.
    std::chrono::nanoseconds duration{0};
    /// How often it was tried; more than once only where the network failed.
    int attempts = 1;
    /// Which backend did it, e.g. `uv`.
    std::string backend;

    friend bool operator==(const install_result&, const install_result&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, install_request& x) {
    return f.object(x).fields(f.field("packages", x.packages),
                              f.field("requirements_files", x.requirements_files),
                              f.field("upgrade", x.upgrade), f.field("timeout", x.timeout));
}

template <class Inspector>
bool inspect(Inspector& f, installed_package& x) {
    return f.object(x).fields(f.field("name", x.name), f.field("version", x.version));
}

template <class Inspector>
bool inspect(Inspector& f, install_result& x) {
    return f.object(x).fields(f.field("installed", x.installed), f.field("removed", x.removed),
                              f.field("duration", x.duration), f.field("attempts", x.attempts),
                              f.field("backend", x.backend));
}

} // namespace gestvenv
