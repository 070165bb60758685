// SPDX-License-Identifier: MIT
#include "system/launcher/limit_watch.hpp"

#include "system/isolation/thread_bound.hpp"
#include "system/storage/detached_mount.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace gestvenv {

namespace {

std::string text_of(const descriptor& folder, const std::string& name) {
    descriptor file{::openat(folder.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 512> buffer{};
    auto got = file ? ::read(file.get(), buffer.data(), buffer.size() - 1) : 0;
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

std::int64_t kills_in(const descriptor& events) {
    std::array<char, 512> buffer{};
    auto got = events ? ::pread(events.get(), buffer.data(), buffer.size() - 1, 0) : 0;
    std::string_view text{buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    constexpr std::string_view key = "oom_kill ";
    auto at = text.find(key);
    return at == std::string_view::npos ? 0 : std::atoll(text.data() + at + key.size());
}

// As a signal, or as a shell passes it on.
bool ended_by(int status, int number) {
    return (WIFSIGNALED(status) && WTERMSIG(status) == number) ||
           (WIFEXITED(status) && WEXITSTATUS(status) == 128 + number);
}

bool has_failed(int status) {
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

} // namespace

limit_watch::marks limit_watch::now() const {
    const auto& limits = setup_.limits;
    marks found;
    found.at = clock::now();
    if (limits.memory != nullptr) {
        found.memory_kills = out_of_memory_kills(*limits.memory, limits.memory_version);
        found.memory_hits = memory_limit_hits(*limits.memory, limits.memory_version);
    }
    if (setup_.memory_events_above != nullptr)
        found.kills_above = kills_in(*setup_.memory_events_above);
    if (limits.threads != nullptr)
        found.refused_threads = refused_threads(*limits.threads);
    return found;
}

bool limit_watch::is_usual() const noexcept {
    return setup_.limits.threads_in_namespace == bound_of_threads({}).count;
}

// A look asks for every number there may be: only a bound that was asked for is worth looking often.
std::chrono::milliseconds limit_watch::look_interval() const noexcept {
    return std::chrono::milliseconds{is_usual() || setup_.limits.threads_in_namespace > 1024 ? 200 : 25};
}

void limit_watch::look() {
    look_at_room();
    look_at_threads();
}

void limit_watch::look_at_threads() {
    if (!setup_.limits.threads_in_namespace)
        return;
    auto threads = threads_in_this_namespace(*setup_.limits.threads_in_namespace);
    if (threads < *setup_.limits.threads_in_namespace)
        return;
    threads_full_at_ = clock::now();
    most_threads_ = threads;
}

void limit_watch::look_at_room() {
    if (setup_.storage != nullptr && setup_.storage_is_tmpfs)
        if (auto usage = usage_of(*setup_.storage); usage && usage->full)
            storage_full_at_ = clock::now();
    if (setup_.shared_memory != nullptr)
        if (auto usage = usage_of(*setup_.shared_memory); usage && usage->full)
            shm_full_at_ = clock::now();
}

void limit_watch::explain(const marks& before, bool ended_by_us,
                          const std::optional<process_settings>& settings, protocol::exited& result) {
    const int status = result.wait_status;
    look_at_room();
    if (!is_usual()) // every command ends once: its end is no place for a thousand calls
        look_at_threads();
    explain_memory(before, !ended_by_us && ended_by(status, SIGKILL), result);
    explain_caller_limits(ended_by_us, settings, result);
    const auto& limits = setup_.limits;
    if (limits.threads != nullptr && refused_threads(*limits.threads) > before.refused_threads)
        result.limits_reached.push_back(
            {"max_threads", limits.threads_allowed, limits.threads_allowed, "threads", false});
    else if (limits.threads_in_namespace && threads_full_at_ >= before.at)
        result.limits_reached.push_back(
            {"max_threads", most_threads_, *limits.threads_in_namespace, "threads", false});
    explain_room(before, has_failed(status), result);
}

// The kernel sends SIGXCPU at the soft limit, but SIGKILL at the hard one, which `ulimit -t` sets as well.
void limit_watch::explain_caller_limits(bool ended_by_us, const std::optional<process_settings>& settings,
                                        protocol::exited& result) const {
    auto in_force = [&settings](const char* name, const rlimit& usual) {
        if (settings)
            if (auto own = settings->limits.find(name); own != settings->limits.end())
                return rlimit{own->second.soft, own->second.hard};
        return usual;
    };
    auto bound = [](rlim_t value) { return value == RLIM_INFINITY ? -1 : static_cast<std::int64_t>(value); };
    const int status = result.wait_status;
    if (ended_by(status, SIGXFSZ))
        result.limits_reached.push_back(
            {"RLIMIT_FSIZE", -1, bound(in_force("fsize", setup_.file_size).rlim_cur), "bytes", true});
    const auto used = std::chrono::round<std::chrono::seconds>(result.user_time + result.system_time).count();
    const auto cpu_time = in_force("cpu", setup_.cpu_time);
    const auto hard = bound(cpu_time.rlim_max);
    const bool killed = !ended_by_us && ended_by(status, SIGKILL) && hard >= 0 && used >= hard;
    if (killed || ended_by(status, SIGXCPU))
        result.limits_reached.push_back({"RLIMIT_CPU", used, bound(cpu_time.rlim_cur), "seconds", true});
}

void limit_watch::explain_memory(const marks& before, bool killed, protocol::exited& result) const {
    const auto after = now();
    const auto& limits = setup_.limits;
    if (after.memory_kills > before.memory_kills) {
        result.out_of_memory = true;
        // A limit above counts its kill here too, and the own one as not met. Newer kernels do not count that
        // in version 1: there the most there has been tells, less what may be asked for at once.
        constexpr std::int64_t at_once = 4 << 20;
        const auto highest = highest_memory(*limits.memory, limits.memory_version);
        if (after.memory_hits > before.memory_hits || highest < 0 || highest + at_once >= limits.memory_bytes)
            return result.limits_reached.push_back(
                {"max_memory", highest, limits.memory_bytes, "bytes", true});
        return result.limits_reached.push_back(limit_above());
    }
    if (killed && after.kills_above > before.kills_above)
        result.limits_reached.push_back(limit_above());
}

// What filled it may be gone with the command's temporary files.
void limit_watch::explain_room(const marks& before, bool failed, protocol::exited& result) {
    if (!failed)
        return;
    auto tell = [&result](const char* name, const descriptor& mount) {
        auto usage = usage_of(mount);
        if (!usage)
            return;
        const bool by_files = usage->files_in_all > 0 && usage->files >= usage->files_in_all;
        result.limits_reached.push_back(
            by_files ? limit_reached{name, usage->files, usage->files_in_all, "files", false}
                     : limit_reached{name, usage->bytes, usage->bytes_in_all, "bytes", false});
    };
    if (storage_full_at_ >= before.at)
        tell("max_disk", *setup_.storage);
    if (shm_full_at_ >= before.at)
        tell("shm", *setup_.shared_memory);
}

// The nearest group around the program that has a limit at all.
limit_reached limit_watch::limit_above() const {
    constexpr std::int64_t no_limit = std::int64_t{1} << 60;
    limit_reached met{"memory_above", -1, -1, "bytes", true};
    if (setup_.memory_above == nullptr)
        return met;
    const bool one = setup_.memory_above_version == cgroup_version::one;
    std::string folder;
    for (int level = 0; level < 16; ++level, folder += "../") {
        auto allowed = text_of(*setup_.memory_above, folder + (one ? "memory.limit_in_bytes" : "memory.max"));
        if (allowed.empty())
            break;
        auto bytes = allowed.starts_with("max") ? no_limit : std::atoll(allowed.c_str());
        if (bytes >= no_limit)
            continue;
        met.allowed = bytes;
        auto most =
            text_of(*setup_.memory_above, folder + (one ? "memory.max_usage_in_bytes" : "memory.peak"));
        if (!most.empty())
            met.measured = std::atoll(most.c_str());
        break;
    }
    return met;
}

} // namespace gestvenv
