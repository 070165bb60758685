// SPDX-License-Identifier: MIT
// A snapshot of an environment.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>
#include <gestvenv/resource_limits.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

/// A snapshot of an environment; it does not change when the environment does. It has both the requested
/// values and those in force. Reading it from several threads is safe.
struct environment_info {
    /// A random UUID (RFC 9562, version 4).
    std::string id;
    std::string name;
    backend package_backend = backend::uv;
    /// The interpreter's full version, e.g. `3.12.1`.
    std::string python_version;
    environment_status status = environment_status::pending;
    /// The environment's folder, as its commands see it.
    std::filesystem::path storage_path;
    /// The virtual environment, as its commands see it.
    std::filesystem::path venv_path;
    /// The environment's folder, as the host sees it. For a storage in a private mount this is a path below
    /// /proc that is valid as long as the launcher lives.
    std::filesystem::path host_path;
    /// The limits that were requested.
    gestvenv::resource_limits resource_limits;
    /// The isolation level that was requested; the next one is in force.
    isolation_level isolation = isolation_level::process;
    isolation_level isolation_in_force = isolation_level::process;
    security_mode security = security_mode::restricted;
    storage_backend storage = storage_backend::tmpfs;
    /// The containment of its processes; `none` until the first one runs.
    containment containment_in_force = containment::none;
    std::chrono::system_clock::time_point created_at;
    std::chrono::system_clock::time_point last_activity;
    /// End of the time to live; unset: never.
    std::optional<std::chrono::system_clock::time_point> expires_at;
    /// Longest time without activity, or `unlimited`.
    std::chrono::seconds max_idle_time = unlimited;
    /// Packages that were installed through GestVenv, as `name==version`.
    std::vector<std::string> packages;
    /// Deviations from the usual way of installing packages, each listed once; see `install_result::notes`.
    std::vector<std::string> notes;
    /// The tags of the environment's specification.
    std::map<std::string, std::string> tags;

    /// Whether the environment is ready for commands, or runs one.
    bool is_active() const noexcept {
        return status == environment_status::ready || status == environment_status::running;
    }
    /// Whole seconds since creation, by the wall clock.
    std::int64_t age_seconds() const noexcept { return seconds_since(created_at); }
    /// Whole seconds since the last activity, by the wall clock.
    std::int64_t idle_seconds() const noexcept { return seconds_since(last_activity); }

    /// Whether the time to live has passed.
    bool is_expired() const noexcept { return expires_at && std::chrono::system_clock::now() >= *expires_at; }
    /// Whether the environment has been idle for longer than `max_idle_time`. A running command counts as
    /// activity.
    bool is_idle_expired() const noexcept {
        return max_idle_time != unlimited && status != environment_status::running &&
               std::chrono::system_clock::now() - last_activity >= max_idle_time;
    }

    friend bool operator==(const environment_info&, const environment_info&) = default;

private:
    static std::int64_t seconds_since(std::chrono::system_clock::time_point then) noexcept {
        return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - then)
            .count();
    }
};

template <class Inspector>
bool inspect(Inspector& f, environment_info& x) {
    return f.object(x).fields(
        f.field("id", x.id), f.field("name", x.name), f.field("backend", x.package_backend),
        f.field("python_version", x.python_version), f.field("status", x.status),
        path_field(f, "storage_path", x.storage_path), path_field(f, "venv_path", x.venv_path),
        path_field(f, "host_path", x.host_path), f.field("resource_limits", x.resource_limits),
        f.field("isolation_level", x.isolation), f.field("isolation_in_force", x.isolation_in_force),
        f.field("security_mode", x.security), f.field("storage_backend", x.storage),
        f.field("containment", x.containment_in_force), f.field("created_at", x.created_at),
        f.field("last_activity", x.last_activity), f.field("expires_at", x.expires_at),
        f.field("max_idle_time", x.max_idle_time), f.field("packages", x.packages), f.field("notes", x.notes),
        f.field("tags", x.tags));
}

} // namespace gestvenv
