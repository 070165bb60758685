// SPDX-License-Identifier: MIT
// An environment as it is at one moment.
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

/// A snapshot; it does not change when the environment does. What was asked for and what is in force stand
/// side by side.
struct environment_info {
    /// A random UUID (RFC 9562, version 4).
    std::string id;
    std::string name;
    backend package_backend = backend::uv;
    /// The interpreter's full version, e.g. `3.12.1`.
    std::string python_version;
    environment_status status = environment_status::pending;
    /// The environment's folder as its commands see it.
    std::filesystem::path storage_path;
    /// The virtual environment as its commands see it.
    std::filesystem::path venv_path;
    /// The environment's folder as the host sees it; for a storage in a mount of its own a path below /proc
    /// that lives as long as the launcher.
    std::filesystem::path host_path;
    gestvenv::resource_limits resource_limits;
    isolation_level isolation = isolation_level::process;
    isolation_level isolation_in_force = isolation_level::process;
    security_mode security = security_mode::restricted;
    storage_backend storage = storage_backend::tmpfs;
    /// How processes are held together; `none` until the first one runs.
    containment containment_in_force = containment::none;
    std::chrono::system_clock::time_point created_at;
    std::chrono::system_clock::time_point last_activity;
    /// When the time to live ends; unset: never.
    std::optional<std::chrono::system_clock::time_point> expires_at;
    /// Longest time without activity, or `unlimited`.
    std::chrono::seconds max_idle_time = unlimited;
    /// What has been installed through GestVenv, as `name==version`.
    std::vector<std::string> packages;
    /// What was done in another way than usual when packages were installed, each once; see install_result.
    std::vector<std::string> notes;
    std::map<std::string, std::string> tags;

    /// Whether the environment can be used.
    bool is_active() const noexcept {
        return status == environment_status::ready || status == environment_status::running;
    }
    /// Since creation, whole seconds.
    std::int64_t age_seconds() const noexcept { return seconds_since(created_at); }
    /// Since the last activity, whole seconds.
    std::int64_t idle_seconds() const noexcept { return seconds_since(last_activity); }

    /// Whether the time to live is over.
    bool is_expired() const noexcept { return expires_at && std::chrono::system_clock::now() >= *expires_at; }
    /// Whether it has been idle for longer than it may. A running command is never idle.
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
