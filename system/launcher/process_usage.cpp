// SPDX-License-Identifier: MIT
#include "system/launcher/process_usage.hpp"

#include "system/posix/descriptor.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace gestvenv {

namespace {

std::string_view read_file(pid_t pid, const char* name, std::array<char, 1024>& buffer) {
    std::array<char, 48> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", pid, name);
    descriptor file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
    auto got = file ? ::read(file.get(), buffer.data(), buffer.size() - 1) : 0;
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

std::int64_t number_after(std::string_view text, std::string_view key) {
    auto at = text.find(key);
    std::int64_t value = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + key.size(), text.data() + text.size(), value);
    return value;
}

} // namespace

std::optional<process_usage> read_process(pid_t pid) {
    std::array<char, 1024> buffer{};
    auto text = read_file(pid, "stat", buffer);
    // The name in parentheses may hold anything.
    auto name_end = text.rfind(')');
    if (name_end == std::string_view::npos)
        return std::nullopt;
    char state = 'X';
    process_usage usage;
    long long parent = 0;
    long long threads = 0;
    long long pages = 0;
    std::array<long long, 4> ticks{};
    long long start = 0;
    // NOLINTNEXTLINE(cert-err34-c): the count of converted fields is checked
    if (std::sscanf(text.data() + name_end + 1,
                    " %c %lld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld %*d %*d %lld %*d "
                    "%lld %*u %lld",
                    &state, &parent, &ticks[0], &ticks[1], &ticks[2], &ticks[3], &threads, &start,
                    &pages) != 9 ||
        state == 'Z' || state == 'X')
        return std::nullopt;
    static const auto ticks_per_second = ::sysconf(_SC_CLK_TCK);
    static const auto page_size = ::sysconf(_SC_PAGESIZE);
    usage.parent = static_cast<pid_t>(parent);
    usage.threads = threads;
    usage.resident_bytes = pages * page_size;
    auto time = [](long long counted) {
        return std::chrono::microseconds{counted * 1'000'000 / ticks_per_second};
    };
    usage.own_cpu_time = time(ticks[0] + ticks[1]);
    usage.cpu_time = time(ticks[0] + ticks[1] + ticks[2] + ticks[3]);
    usage.started = time(start);
    usage.state = state;
    return usage;
}

void add_io(pid_t pid, usage_reading& target) {
    std::array<char, 1024> buffer{};
    auto text = read_file(pid, "io", buffer);
    target.io_read_bytes += number_after(text, "\nread_bytes: ");
    target.io_written_bytes += number_after(text, "\nwrite_bytes: ");
}

process_snapshot::process_snapshot() {
    std::unique_ptr<DIR, int (*)(DIR*)> entries{::opendir("/proc"), ::closedir};
    while (auto* entry = entries ? ::readdir(entries.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe)
        auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
        if (pid <= 0)
            continue;
        auto usage = read_process(pid);
        if (!usage)
            continue;
        children_[usage->parent].push_back(pid);
        all_.emplace(pid, *usage);
    }
}

std::vector<pid_t> process_snapshot::descendants(pid_t root) const {
    std::vector<pid_t> found;
    auto add = [&](pid_t parent) {
        if (auto item = children_.find(parent); item != children_.end())
            found.insert(found.end(), item->second.begin(), item->second.end());
    };
    add(root);
    for (std::size_t i = 0; i < found.size(); ++i)
        add(found[i]);
    return found;
}

const process_usage* process_snapshot::find(pid_t pid) const {
    auto item = all_.find(pid);
    return item == all_.end() ? nullptr : &item->second;
}

} // namespace gestvenv
