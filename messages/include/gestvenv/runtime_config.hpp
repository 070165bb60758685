// SPDX-License-Identifier: MIT
// The configuration of a runtime. Names and defaults are public; docs/configuration.md lists them.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/inspect_enumerations.hpp>
#include <gestvenv/inspect_support.hpp>
#include <gestvenv/units.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace gestvenv {

/// The reservation of an environment without limits of its own, taken from the totals below. With storage in
/// RAM both count as memory; 50 such environments fit into the default totals.
inline constexpr megabytes default_memory_reservation{64};
inline constexpr megabytes default_disk_reservation{96};

/// The size of a storage without `max_disk`. It is larger than the reservation: an environment that needs its
/// share guaranteed must set `max_disk`.
inline constexpr megabytes default_storage_size{4096};

/// Limits and defaults of one runtime. A value out of range is refused with `invalid_argument`.
struct runtime_config {
    /// Time to live of an environment that sets none: 1 s to `longest_duration`, or `unlimited`.
    std::chrono::seconds default_ttl{3600};
    /// Environments at a time, 1 to 100000.
    int max_concurrent = 50;
    /// Memory of all environments together in MB (2^20 bytes), storage in RAM included; at least 1.
    megabytes max_total_memory_mb = 8192;
    /// Storage on disk of all environments together in MB (2^20 bytes); at least 1.
    megabytes max_total_disk_mb = 20480;
    /// Interval of the safety sweep, 1 s to `longest_duration`, or `unlimited`. Deadlines themselves are met
    /// within a second.
    std::chrono::seconds cleanup_interval{60};
    /// Age at which an environment is ended even if it is in use: 1 s to `longest_duration`, or `unlimited`.
    std::chrono::seconds force_cleanup_after{7200};
    /// Limits of processes (1 to 100000) and threads (1 to 1000000) in the environment of `gestvenv run`, if
    /// no option sets them; unset: unlimited there. A host program sets its own (`resource_limits`).
    std::optional<count_limit> default_max_processes;
    std::optional<count_limit> default_max_threads;
    /// Time between SIGTERM and SIGKILL for the processes of an environment, 0 to 10 s.
    std::chrono::milliseconds stop_grace{2000};
    /// The package backend of an environment that names none.
    backend default_backend = backend::uv;
    /// The storage of an environment that names none.
    gestvenv::storage_backend storage_backend = gestvenv::storage_backend::tmpfs;
    /// Parent folder of storages, an absolute path; empty: the documented root of each storage backend.
    std::filesystem::path base_storage_path;
    /// Security mode and isolation level of an environment that names none.
    security_mode default_security_mode = security_mode::restricted;
    isolation_level default_isolation_level = isolation_level::process;
    /// Whether resource usage is sampled, for histories and alerts.
    bool enable_monitoring = true;
    /// Time between two samples, 1 s to `longest_duration`, or `unlimited`.
    std::chrono::seconds monitoring_interval{5};
    /// Reserved for the future pool and template cache: true is refused.
    bool enable_preallocation = false;
    /// Environments in the future pool, 0 to 100000.
    int pool_size = 3;
    bool enable_template_cache = false;
    /// The Python version of an environment that names none; unset: the system's python3.
    std::optional<std::string> default_python_version;

    friend bool operator==(const runtime_config&, const runtime_config&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, runtime_config& x) {
    return f.object(x).fields(
        f.field("default_ttl", x.default_ttl), f.field("max_concurrent", x.max_concurrent),
        f.field("max_total_memory_mb", x.max_total_memory_mb),
        f.field("max_total_disk_mb", x.max_total_disk_mb), f.field("cleanup_interval", x.cleanup_interval),
        f.field("force_cleanup_after", x.force_cleanup_after),
        f.field("default_max_processes", x.default_max_processes),
        f.field("default_max_threads", x.default_max_threads), f.field("stop_grace", x.stop_grace),
        f.field("default_backend", x.default_backend), f.field("storage_backend", x.storage_backend),
        path_field(f, "base_storage_path", x.base_storage_path),
        f.field("default_security_mode", x.default_security_mode),
        f.field("default_isolation_level", x.default_isolation_level),
        f.field("enable_monitoring", x.enable_monitoring),
        f.field("monitoring_interval", x.monitoring_interval),
        f.field("enable_preallocation", x.enable_preallocation), f.field("pool_size", x.pool_size),
        f.field("enable_template_cache", x.enable_template_cache),
        f.field("default_python_version", x.default_python_version));
}

} // namespace gestvenv
