// SPDX-License-Identifier: MIT
#include "system/launcher/process_listings.hpp"

#include "messages/wire.hpp"
#include "system/launcher/process_usage.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/read_bytes.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <ratio>
#include <string>
#include <string_view>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

// More than is shown of a command line, so that a secret is seen whole before it is cut.
constexpr std::size_t longest_arguments = 4096;
// In which /proc counts time.
using ticks = std::chrono::duration<std::int64_t, std::centi>;

std::string read_start(pid_t pid, const char* name) {
    descriptor file{::open(("/proc/" + std::to_string(pid) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC)};
    // What cannot be read is of a process that has ended.
    return file ? read_bytes(file.get(), longest_arguments).value_or(std::string{}) : std::string{};
}

std::string_view line_after(std::string_view text, std::string_view key) {
    auto at = text.find(key);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + key.size());
    return text.substr(0, text.find('\n'));
}

// `NSpid:` has the number in each pid namespace, from that of /proc inwards (proc(5)). The second is the environment's;
// a command may have made further ones.
std::optional<std::int64_t> pid_in_second_namespace(std::string_view numbers) {
    auto tab = numbers.find('\t');
    if (tab == std::string_view::npos)
        return std::nullopt;
    numbers.remove_prefix(tab + 1);
    std::int64_t pid = 0;
    auto parsed = std::from_chars(numbers.data(), numbers.data() + numbers.size(), pid);
    return parsed.ec == std::errc{} ? std::optional{pid} : std::nullopt;
}

process_state state_of(char letter) noexcept {
    switch (letter) {
    case 'R':
        return process_state::running;
    case 'D':
        return process_state::blocked;
    case 'T':
    case 't':
        return process_state::stopped;
    default:
        return process_state::sleeping;
    }
}

// When the machine was started, by the clock on the wall.
std::chrono::system_clock::time_point start_of_machine(std::chrono::system_clock::time_point now) {
    timespec since{};
    ::clock_gettime(CLOCK_BOOTTIME, &since);
    return now - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                     std::chrono::seconds{since.tv_sec} + std::chrono::nanoseconds{since.tv_nsec});
}

// False: it has ended meanwhile.
bool read_rest(protocol::listed_process& process, bool in_namespace) {
    const auto pid = static_cast<pid_t>(process.facts.pid);
    const auto status = read_start(pid, "status");
    if (status.empty())
        return false;
    process.facts.name = line_after(status, "Name:\t");
    if (in_namespace)
        process.facts.pid_in_environment = pid_in_second_namespace(line_after(status, "\nNSpid:\t"));
    // A guard has what the launcher was started with.
    if (process.facts.name != "gestvenv-guard")
        process.arguments = read_start(pid, "cmdline");
    return true;
}

} // namespace

protocol::listed read_processes(std::span<const pid_t> found, std::size_t most, bool in_namespace) {
    protocol::listed all;
    all.at = std::chrono::system_clock::now();
    const auto boot = start_of_machine(all.at);
    for (auto pid : found) {
        auto usage =
            pid > 0 ? read_process(pid) : std::nullopt; // 0: of a namespace that cannot be seen from here
        if (!usage)
            continue;
        protocol::listed_process process;
        process.facts.pid = pid;
        process.facts.parent_pid = usage->parent;
        process.facts.state = state_of(usage->state);
        process.facts.memory_bytes = usage->resident_bytes;
        process.facts.cpu_time = usage->own_cpu_time;
        process.facts.threads = usage->threads;
        // Both clocks are read one after the other: without the rounding the same process would begin at another
        // moment in each list. Rounding must not put it after the list.
        process.facts.started_at = std::min<std::chrono::system_clock::time_point>(
            std::chrono::round<ticks>(boot + usage->started), all.at);
        all.processes.push_back(std::move(process));
    }
    std::sort(all.processes.begin(), all.processes.end(), [](const auto& a, const auto& b) {
        return std::tuple{-a.facts.memory_bytes, a.facts.pid} <
               std::tuple{-b.facts.memory_bytes, b.facts.pid};
    });
    all.total = std::ssize(all.processes);
    if (all.processes.size() > most)
        all.processes.resize(most);
    all.total -= static_cast<std::int64_t>(std::erase_if(
        all.processes, [in_namespace](auto& process) { return !read_rest(process, in_namespace); }));
    return all;
}

outcome<void> process_listings::begin(std::uint64_t request, const environment_record& environment,
                                      std::int64_t most) {
    if (under_way_.size() >= most_at_once)
        return failure(error{error_code::resources_exhausted, "too many lists of processes are being made",
                             environment.id(), "try again in a second"});
    const auto bound =
        static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, process_list::most_processes));
    auto work = [&environment, bound] {
        auto all = read_processes(environment.processes(), bound, environment.has_pid_namespace());
        return wire::to_bytes(all);
    };
    std::vector<int> kept;
    if (environment.group_descriptor() >= 0)
        kept.push_back(environment.group_descriptor());
    auto started = helper_process::start_any(work, std::move(kept));
    if (!started)
        return failure(started.error());
    under_way_.push_back({request, std::move(*started), clock::now() + longest});
    return {};
}

void process_listings::advance(const answer& done) {
    std::erase_if(under_way_, [&done](listing& item) {
        if (item.reading.read()) {
            auto all = wire::from_bytes<protocol::listed>(item.reading.bytes());
            if (all)
                done(item.request, std::move(*all));
            else
                done(item.request, failure(error{error_code::resources_exhausted,
                                                 "the process that reads the list of processes was killed",
                                                 {},
                                                 "memory may be short; try again"}));
            return true;
        }
        if (clock::now() < item.deadline)
            return false;
        ::kill(item.reading.pid(), SIGKILL); // it is a child that has not been reaped
        done(item.request,
             failure(error{error_code::resources_exhausted,
                           "the processes could not be read in time: one of them holds its memory map",
                           {},
                           "a process that waits for a disk or a file system does so; try again"}));
        return true;
    });
}

std::vector<int> process_listings::readers() const {
    std::vector<int> all;
    for (const auto& item : under_way_)
        all.push_back(item.reading.reader());
    return all;
}

std::vector<pid_t> process_listings::pids() const {
    std::vector<pid_t> all;
    for (const auto& item : under_way_)
        all.push_back(item.reading.pid());
    return all;
}

std::optional<process_listings::clock::time_point> process_listings::wake_at() const {
    std::optional<clock::time_point> first;
    for (const auto& item : under_way_)
        if (!first || item.deadline < *first)
            first = item.deadline;
    return first;
}

} // namespace gestvenv
