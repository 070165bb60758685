// SPDX-License-Identifier: MIT
// What one environment may use.
#pragma once

#include <gestvenv/units.hpp>

#include <optional>

namespace gestvenv {

/// Limits of one environment. Unset means no limit of its own; admission then reserves the documented default
/// (see runtime_config.hpp), and a storage in RAM still has its size limit.
struct resource_limits {
    /// Memory in MB, at least 1, without swap beside it. With storage in RAM the environment's files count on
    /// top, up to `max_disk` or, where that is unset, `default_disk_reservation`.
    std::optional<megabytes> max_memory;
    /// Size of the environment's storage in MB, at least 1.
    std::optional<megabytes> max_disk;
    /// Processes at a time, 1 to 100000, or `unlimited_count`. Counted five times a second: a command that
    /// has made too many is killed (`operation_result::too_many_processes`).
    count_limit max_processes = 10;
    /// Threads at a time over all processes, 1 to 1000000, or `unlimited_count`: the kernel lets none more be
    /// started, processes included. The default grows with `max_processes` (`bound_of_threads`); another
    /// value below it is refused.
    count_limit max_threads = 512;
    /// CPU in percent of one core (100 is one core), at least 0.1.
    std::optional<double> max_cpu_percent;
    /// Whether commands may use the network.
    bool network_access = true;

    friend bool operator==(const resource_limits&, const resource_limits&) = default;
};

/// The threads that `limits` allows in effect: `max_threads`, and where that is left at its default at least
/// 256 more than `max_processes`, which are threads too.
count_limit bound_of_threads(const resource_limits& limits) noexcept;

template <class Inspector>
bool inspect(Inspector& f, resource_limits& x) {
    return f.object(x).fields(
        f.field("max_memory", x.max_memory), f.field("max_disk", x.max_disk),
        f.field("max_processes", x.max_processes), f.field("max_threads", x.max_threads),
        f.field("max_cpu_percent", x.max_cpu_percent), f.field("network_access", x.network_access));
}

} // namespace gestvenv
