// SPDX-License-Identifier: MIT
// What an environment uses: the half of the launcher's table that only reads.
#include "system/launcher/environment_record.hpp"
#include "system/storage/detached_mount.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace gestvenv {

namespace {

std::int64_t number_in(const cgroup& group, const char* file) {
    return std::atoll(group.read(file).c_str());
}

// The number at the beginning of a file, behind `word`.
std::int64_t first_number(const descriptor& file, std::string_view word) {
    std::array<char, 64> text{};
    auto got = file ? ::pread(file.get(), text.data(), text.size(), 0) : 0;
    std::int64_t value = 0;
    if (got > 0 && std::string_view{text.data(), static_cast<std::size_t>(got)}.starts_with(word))
        std::from_chars(text.data() + word.size(), text.data() + got, value);
    return value;
}

// Two counters that are rounded and read one after the other: less than any process runs.
constexpr std::chrono::microseconds nothing{3};

} // namespace

// Of all processes but the keeper, which wakes up to count them.
std::chrono::microseconds environment_record::cpu_time() {
    // Kept open: opening them anew takes six times as long as reading them.
    if (!cpu_file_)
        cpu_file_ = descriptor{::openat(group_.get(), "cpu.stat", O_RDONLY | O_CLOEXEC)};
    if (!keeper_cpu_file_)
        keeper_cpu_file_ = descriptor{
            ::open(("/proc/" + std::to_string(keeper_pid_) + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC)};
    auto all = std::chrono::microseconds{first_number(cpu_file_, "usage_usec ")};
    auto keeper = std::chrono::nanoseconds{first_number(keeper_cpu_file_, "")};
    return all - std::chrono::floor<std::chrono::microseconds>(keeper);
}

void environment_record::read_group(usage_reading& reading) const {
    for (auto pid : group_.processes_below()) {
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

std::vector<pid_t> environment_record::processes() const {
    if (!keeper_alive_)
        return {};
    return group_ ? group_.processes_below() : process_snapshot{}.descendants(keeper_pid_);
}

usage_reading environment_record::read_usage(const process_snapshot* processes) {
    usage_reading reading;
    if (keeper_alive_ && group_) {
        reading.cpu_time = cpu_time();
        // Where nothing has run since, nothing has changed: not even a process can end without running.
        if (last_ && reading.cpu_time - last_->cpu_time <= nothing) {
            reading = *last_;
        } else {
            read_group(reading);
            add_io(keeper_pid_, reading);
            last_ = reading;
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
    if (shared_memory_)
        if (auto usage = usage_of(shared_memory_))
            reading.shared_memory_bytes = usage->bytes;
    reading.environment_id = id_;
    return reading;
}

} // namespace gestvenv
