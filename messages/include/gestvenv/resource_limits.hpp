// SPDX-License-Identifier: MIT
// Limits of one environment.
#pragma once

#include <gestvenv/units.hpp>

#include <optional>

namespace gestvenv {

/// Limits of one environment. An unset limit is no limit. Admission then reserves the documented default (see
/// runtime_config.hpp), and a storage in RAM still has its size limit. A limit that the machine cannot
/// enforce is refused with `isolation_unavailable`.
struct resource_limits {
    /// Memory in MB (2^20 bytes), 1 to 2^40, without swap. With storage in RAM the environment's files are
    /// counted in addition, up to `max_disk` or, if that is unset, `default_disk_reservation`.
    std::optional<megabytes> max_memory;
    /// Size of the environment's storage in MB (2^20 bytes), 1 to 2^40.
    std::optional<megabytes> max_disk;
    /// Processes at a time, 1 to 100000, or `unlimited_count`. Counted five times a second; if there are too
    /// many, the command with most of them is killed (`operation_result::too_many_processes`).
    count_limit max_processes = 10;
    /// Threads at a time over all processes, 1 to 1000000, or `unlimited_count`. The kernel refuses to start
    /// more, processes included. The default grows with `max_processes` (`bound_of_threads`); an explicit
    /// value below `max_processes` is refused.
    count_limit max_threads = 512;
    /// CPU in percent of one core (100 is one core), 0.1 to 1000000.
    std::optional<double> max_cpu_percent;
    /// Whether commands may use the network; false is refused in this version (`isolation_unavailable`).
    bool network_access = true;

    friend bool operator==(const resource_limits&, const resource_limits&) = default;
};

/// The limit of threads in force: `max_threads`, or, if that has its default, at least 256 more than
/// `max_processes`, because processes are threads too. Thread-safe.
count_limit bound_of_threads(const resource_limits& limits) noexcept;

template <class Inspector>
bool inspect(Inspector& f, resource_limits& x) {
    return f.object(x).fields(
        f.field("max_memory", x.max_memory), f.field("max_disk", x.max_disk),
        f.field("max_processes", x.max_processes), f.field("max_threads", x.max_threads),
        f.field("max_cpu_percent", x.max_cpu_percent), f.field("network_access", x.network_access));
}

} // namespace gestvenv
