// SPDX-License-Identifier: MIT
// What environments use, measured; and the alerts that come of it.
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

/// One environment at one moment. Sizes in bytes.
struct usage_sample {
    std::chrono::system_clock::time_point at;
    /// With `max_memory`: what the kernel counts against it, files in RAM and cached ones included. Without:
    /// the resident memory of the processes, pages they share counted once for each.
    std::int64_t memory_bytes = 0;
    /// The most so far: the kernel's own figure with `max_memory`, otherwise the largest that was sampled.
    std::int64_t memory_peak_bytes = 0;
    /// Unset: memory is not limited.
    std::optional<std::int64_t> memory_limit_bytes;
    /// Of one core, on average since the sample before this one.
    double cpu_percent = 0;
    /// In a tmpfs of its own exact. Of a folder, what its files take, at least: one sampling looks at 50,000
    /// files over all environments, in turn. 0 until it has been looked at.
    std::int64_t disk_bytes = 0;
    /// Shared memory files and named semaphores in a private /dev/shm. What is mapped of them is in
    /// `memory_bytes` as well.
    std::int64_t shared_memory_bytes = 0;
    /// Unset: not limited, or not enforced (a folder without `max_disk`).
    std::optional<std::int64_t> disk_limit_bytes;
    std::int64_t processes = 0;
    std::int64_t threads = 0;
    /// To and from devices since the first command, as far as processes run or were waited for.
    std::int64_t io_read_bytes = 0;
    std::int64_t io_written_bytes = 0;

    friend bool operator==(const usage_sample&, const usage_sample&) = default;
};

/// Values are part of the wire format: append only.
enum class alert_kind : std::uint8_t {
    memory, ///< of `max_memory`: warning at 80 %, critical at 95 %
    disk,   ///< of the storage's size: warning at 80 %, critical at 95 %
    cpu,    ///< of `max_cpu_percent`, or of one core where that is unset: warning at 80 %
    stale,  ///< nothing has run in it for 300 s: warning
};

/// Values are part of the wire format: append only.
enum class alert_level : std::uint8_t { warning, critical };

std::string_view to_string(alert_kind value) noexcept;
std::string_view to_string(alert_level value) noexcept;
bool from_string(std::string_view text, alert_kind& value) noexcept;
bool from_string(std::string_view text, alert_level& value) noexcept;

/// A threshold that was crossed. It stays until the value is 5 percentage points below the threshold.
struct alert {
    std::string environment_id;
    std::string environment_name;
    alert_kind kind = alert_kind::memory;
    alert_level level = alert_level::warning;
    /// When it was raised, and the value then: percent, or seconds for `stale`.
    std::chrono::system_clock::time_point since;
    double value = 0;
    double threshold = 0;

    friend bool operator==(const alert&, const alert&) = default;
};

/// All environments of a runtime together, beside what they may use together.
struct resource_usage {
    /// Those that can be used.
    std::int64_t active_environments = 0;
    /// As `max_total_memory_mb` counts: files in RAM included.
    double total_memory_mb = 0;
    /// Files on disk.
    double total_disk_mb = 0;
    int max_concurrent = 0;
    megabytes max_total_memory_mb;
    megabytes max_total_disk_mb;
    /// In force, in the order in which they were raised; and how many there have ever been.
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
