// SPDX-License-Identifier: MIT
// What one environment uses at one moment, as the kernel tells it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace gestvenv {

struct usage_reading {
    std::string environment_id;
    /// What its memory limit counts, page cache and storage in RAM included; without one the resident sets of
    /// its processes, shared pages counted once for each.
    std::int64_t memory_bytes = 0;
    /// The highest the kernel has seen; unset where memory is not limited.
    std::optional<std::int64_t> memory_peak_bytes;
    /// Since the first command, ended processes included.
    std::chrono::microseconds cpu_time{0};
    /// Unset until a folder's size is known. At least: a folder of more entries than are looked at is cut.
    std::optional<std::int64_t> disk_bytes;
    /// In its private /dev/shm.
    std::int64_t shared_memory_bytes = 0;
    std::int64_t processes = 0;
    std::int64_t threads = 0;
    /// Of the processes that run and of those that were waited for, to and from devices.
    std::int64_t io_read_bytes = 0;
    std::int64_t io_written_bytes = 0;

    friend bool operator==(const usage_reading&, const usage_reading&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, usage_reading& x) {
    return f.object(x).fields(
        f.field("environment_id", x.environment_id), f.field("memory_bytes", x.memory_bytes),
        f.field("memory_peak_bytes", x.memory_peak_bytes), f.field("cpu_time", x.cpu_time),
        f.field("disk_bytes", x.disk_bytes), f.field("shared_memory_bytes", x.shared_memory_bytes),
        f.field("processes", x.processes), f.field("threads", x.threads),
        f.field("io_read_bytes", x.io_read_bytes), f.field("io_written_bytes", x.io_written_bytes));
}

} // namespace gestvenv
