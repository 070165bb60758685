// SPDX-License-Identifier: MIT
// Measured resource usage of environments, and alerts.
#pragma once

#include <gestvenv/inspect_support.hpp>
#include <gestvenv/units.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Resource usage of one environment at one moment. Sizes in bytes.
struct usage_sample {
    std::chrono::system_clock::time_point at;
    /// With `max_memory`: the kernel's count, including files in RAM and cached ones. Without: the resident
    /// memory of the processes; shared pages count once for each process.
    std::int64_t memory_bytes = 0;
    /// Highest value so far: the kernel's own figure with `max_memory`, otherwise the largest sample.
    std::int64_t memory_peak_bytes = 0;
    /// The limit; unset: memory is not limited.
    std::optional<std::int64_t> memory_limit_bytes;
    /// Percent of one core, averaged since the sample before this one.
    double cpu_percent = 0;
    /// Exact for a tmpfs of its own. For a folder, a lower bound: the measured size of its files, where one
    /// sampling measures 50,000 files over all environments, in turn. 0 until it has been measured.
    std::int64_t disk_bytes = 0;
    /// Shared memory files and named semaphores in a private /dev/shm. Mapped parts of them are in
    /// `memory_bytes` as well.
    std::int64_t shared_memory_bytes = 0;
    /// The limit; unset: not limited, or not enforced (a folder without `max_disk`).
    std::optional<std::int64_t> disk_limit_bytes;
    /// Processes and threads that were alive at that moment.
    std::int64_t processes = 0;
    std::int64_t threads = 0;
    /// Bytes to and from devices since the first command, by processes that run or were waited for.
    std::int64_t io_read_bytes = 0;
    std::int64_t io_written_bytes = 0;

    friend bool operator==(const usage_sample&, const usage_sample&) = default;
};

/// The numeric values are part of the wire format: append only.
enum class alert_kind : std::uint8_t {
    memory, ///< of `max_memory`: warning at 80 %, critical at 95 %
    disk,   ///< of the storage's size: warning at 80 %, critical at 95 %
    cpu,    ///< of `max_cpu_percent`, or of one core if that is unset: warning at 80 %
    stale,  ///< no command has run in it for 300 s: warning
};

/// The numeric values are part of the wire format: append only.
enum class alert_level : std::uint8_t { warning, critical };

std::string_view to_string(alert_kind value) noexcept;
std::string_view to_string(alert_level value) noexcept;
bool from_string(std::string_view text, alert_kind& value) noexcept;
bool from_string(std::string_view text, alert_level& value) noexcept;

/// A threshold that was crossed. The alert ends when the value is 5 percentage points below the threshold.
struct alert {
    std::string environment_id;
    std::string environment_name;
    alert_kind kind = alert_kind::memory;
    alert_level level = alert_level::warning;
    /// When the alert was raised, and the value at that time: percent, or seconds for `stale`.
    std::chrono::system_clock::time_point since;
    double value = 0;
    /// In the unit of `value`.
    double threshold = 0;

    friend bool operator==(const alert&, const alert&) = default;
};

/// Resource usage of all environments of a runtime, and the limits for their sum.
struct resource_usage {
    /// Environments that are ready or run a command.
    std::int64_t active_environments = 0;
    /// MB (2^20 bytes), counted as for `max_total_memory_mb`: files in RAM included.
    double total_memory_mb = 0;
    /// MB (2^20 bytes) of files on disk.
    double total_disk_mb = 0;
    /// The runtime's limits, as in `runtime_config`.
    int max_concurrent = 0;
    megabytes max_total_memory_mb;
    megabytes max_total_disk_mb;
    /// Alerts in force, oldest first; and the number of alerts ever raised.
    std::vector<alert> alerts;
    std::int64_t alerts_total = 0;

    friend bool operator==(const resource_usage&, const resource_usage&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, usage_sample& x) {
    return f.object(x).fields(
        f.field("at", x.at), f.field("memory_bytes", x.memory_bytes),
        f.field("memory_peak_bytes", x.memory_peak_bytes),
        f.field("memory_limit_bytes", x.memory_limit_bytes), f.field("cpu_percent", x.cpu_percent),
        f.field("disk_bytes", x.disk_bytes), f.field("shared_memory_bytes", x.shared_memory_bytes),
        f.field("disk_limit_bytes", x.disk_limit_bytes), f.field("processes", x.processes),
        f.field("threads", x.threads), f.field("io_read_bytes", x.io_read_bytes),
        f.field("io_written_bytes", x.io_written_bytes));
}

template <class Inspector>
bool inspect(Inspector& f, alert_kind& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, alert_level& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, alert& x) {
    return f.object(x).fields(f.field("environment_id", x.environment_id),
                              f.field("environment_name", x.environment_name), f.field("kind", x.kind),
                              f.field("level", x.level), f.field("since", x.since), f.field("value", x.value),
                              f.field("threshold", x.threshold));
}

template <class Inspector>
bool inspect(Inspector& f, resource_usage& x) {
    return f.object(x).fields(
        f.field("active_environments", x.active_environments), f.field("total_memory_mb", x.total_memory_mb),
        f.field("total_disk_mb", x.total_disk_mb), f.field("max_concurrent", x.max_concurrent),
        f.field("max_total_memory_mb", x.max_total_memory_mb),
        f.field("max_total_disk_mb", x.max_total_disk_mb), f.field("alerts", x.alerts),
        f.field("alerts_total", x.alerts_total));
}

} // namespace gestvenv
