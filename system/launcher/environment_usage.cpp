// What an environment uses: the half of the launcher's table that only reads.
#include "system/launcher/environment_record.hpp"
#include "system/storage/detached_mount.hpp"

#include <sys/stat.h>

#include <cstdlib>

namespace gestvenv {

namespace {

std::int64_t number_in(const cgroup& group, const char* file) {
    return std::atoll(group.read(file).c_str());
}

// The keeper alone, and no group of a command below its own.
bool is_quiet(const cgroup& group) {
    struct stat facts {};
    return ::fstat(group.get(), &facts) == 0 && facts.st_nlink == 2;
}

} // namespace

void environment_record::read_group(usage_reading& reading) const {
    for (auto pid : group_.processes()) {
        if (pid == keeper_pid_)
            continue;
        auto usage = read_process(pid);
        if (!usage)
            continue;
        ++reading.processes;
        reading.threads += usage->threads;
        reading.memory_bytes += usage->resident_bytes;
        add_io(pid, reading);
    }
}

void environment_record::read_tree(const process_snapshot& processes, usage_reading& reading) const {
    if (const auto* keeper = processes.find(keeper_pid_))
        reading.cpu_time = keeper->cpu_time;
    for (auto pid : processes.descendants(keeper_pid_)) {
        const auto* usage = processes.find(pid);
        ++reading.processes;
        reading.threads += usage->threads;
        reading.memory_bytes += usage->resident_bytes;
        reading.cpu_time += usage->cpu_time;
        add_io(pid, reading);
    }
}

usage_reading environment_record::read_usage(const process_snapshot* processes) {
    usage_reading reading;
    if (keeper_alive_ && group_) {
        reading.cpu_time = std::chrono::microseconds{group_.read_entry("cpu.stat", "usage_usec")};
        bool quiet = is_quiet(group_);
        if (!quiet)
            read_group(reading);
        // Where nothing ran, nothing was read or written either.
        if (quiet && reading.cpu_time == last_.cpu_time && last_.processes == 0) {
            reading.io_read_bytes = last_.io_read_bytes;
            reading.io_written_bytes = last_.io_written_bytes;
        } else {
            add_io(keeper_pid_, reading);
        }
    } else if (keeper_alive_ && processes != nullptr) {
        read_tree(*processes, reading);
        add_io(keeper_pid_, reading);
    }
    if (limits_.memory != nullptr) {
        bool two = limits_.memory_version == cgroup_version::two;
        reading.memory_bytes = number_in(*limits_.memory, two ? "memory.current" : "memory.usage_in_bytes");
        reading.memory_peak_bytes =
            number_in(*limits_.memory, two ? "memory.peak" : "memory.max_usage_in_bytes");
    }
    if (storage_.is_folder())
        reading.disk_bytes = folder_bytes_;
    else if (auto usage = usage_of(storage_.mount))
        reading.disk_bytes = usage->bytes;
    last_ = reading;
    reading.environment_id = id_;
    return reading;
}

} // namespace gestvenv
