// SPDX-License-Identifier: MIT
// The configuration of a runtime, with the names and defaults its users know.
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

/// What an environment without a limit of its own reserves of the totals below. With storage in RAM both
/// count as memory, so that 50 such environments fit into the default totals.
inline constexpr megabytes default_memory_reservation{64};
inline constexpr megabytes default_disk_reservation{96};

/// The size of a storage whose environment sets no `max_disk`. More than is reserved: an environment that
/// wants its share guaranteed names it.
inline constexpr megabytes default_storage_size{4096};

/// Limits and defaults of one runtime.
struct runtime_config {
    /// Time to live of an environment that asks for none, or `unlimited`.
    std::chrono::seconds default_ttl{3600};
    /// Environments at a time, 1 to 100000.
    int max_concurrent = 50;
    /// Sum of what the environments may use in memory, storage in RAM included.
    megabytes max_total_memory_mb = 8192;
    /// Sum of what the environments may use on disk.
    megabytes max_total_disk_mb = 20480;
    /// The safety sweep; deadlines themselves are met within a second.
    std::chrono::seconds cleanup_interval{60};
    /// Age at which an environment is ended whatever it does.
    std::chrono::seconds force_cleanup_after{7200};
    /// Processes and threads at a time of the environment of `gestvenv run`, where no option says; unset: no
    /// limit there. A host program names its own (`resource_limits`).
    std::optional<count_limit> default_max_processes;
    std::optional<count_limit> default_max_threads;
    /// Between asking what runs in an environment to end and killing it, 0 to 10 s.
    std::chrono::milliseconds stop_grace{2000};
    /// Who installs packages in an environment that names nobody.
    backend default_backend = backend::uv;
    gestvenv::storage_backend storage_backend = gestvenv::storage_backend::tmpfs;
    /// Where storage lies; empty: the documented root of each storage backend.
    std::filesystem::path base_storage_path;
    security_mode default_security_mode = security_mode::restricted;
    isolation_level default_isolation_level = isolation_level::process;
    bool enable_monitoring = true;
    std::chrono::seconds monitoring_interval{5};
    /// The pool and the template cache come later: true is refused.
    bool enable_preallocation = false;
    /// Environments in the pool, 0 to 100000.
    int pool_size = 3;
    bool enable_template_cache = false;
    /// The Python version of an environment that asks for none; unset: the system's python3.
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
