// SPDX-License-Identifier: MIT
#include "tools/faults/common/process_look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;

// A process that ends meanwhile makes the read fail, which this way of reading does not throw.
std::string content_of(const files::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

std::vector<pid_t> numbers_in(const files::path& folder) {
    std::vector<pid_t> result;
    std::error_code gone;
    for (files::directory_iterator entry{folder, gone}, end; !gone && entry != end; entry.increment(gone)) {
        auto name = entry->path().filename().string();
        if (std::all_of(name.begin(), name.end(), [](char letter) { return letter >= '0' && letter <= '9'; }))
            result.push_back(static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)));
    }
    return result;
}

bool says(const files::path& task, std::string_view text) {
    return content_of(task / "environ").find(text) != std::string::npos ||
           content_of(task / "cmdline").find(text) != std::string::npos;
}

} // namespace

std::optional<seen_process> look_at(pid_t pid) {
    auto text = content_of(fmt::format("/proc/{}/stat", pid));
    // proc(5): the name in parentheses may hold anything, so fields are counted from the last ')'.
    auto name_end = text.rfind(')');
    if (name_end == std::string::npos)
        return std::nullopt;
    std::istringstream fields{text.substr(name_end + 1)};
    seen_process result;
    result.pid = pid;
    std::string passed;
    fields >> result.state >> result.parent;
    for (int number = 5; number < 20; ++number)
        fields >> passed;
    fields >> result.threads >> passed >> result.start_time;
    return fields ? std::optional{result} : std::nullopt;
}

std::vector<seen_process> living_processes() {
    std::vector<seen_process> result;
    for (auto pid : numbers_in("/proc"))
        if (auto process = look_at(pid); process && process->lives())
            result.push_back(*process);
    return result;
}

std::vector<seen_process> living_below(pid_t root) {
    const auto all = living_processes();
    std::vector<seen_process> result;
    std::vector<pid_t> open{root};
    while (!open.empty()) {
        auto parent = open.back();
        open.pop_back();
        for (const auto& process : all)
            if (process.parent == parent) {
                result.push_back(process);
                open.push_back(process.pid);
            }
    }
    return result;
}

std::vector<pid_t> living_with(std::string_view text) {
    std::vector<pid_t> result;
    for (const auto& process : living_processes()) {
        const files::path tasks = fmt::format("/proc/{}/task", process.pid);
        auto threads = numbers_in(tasks);
        if (std::any_of(threads.begin(), threads.end(),
                        [&](pid_t thread) { return says(tasks / std::to_string(thread), text); }))
            result.push_back(process.pid);
    }
    return result;
}

bool is_keeper(pid_t pid) {
    return content_of(fmt::format("/proc/{}/comm", pid)) == "gestvenv-keeper\n";
}

std::string describe(pid_t pid) {
    auto words = content_of(fmt::format("/proc/{}/cmdline", pid));
    std::replace(words.begin(), words.end(), '\0', ' ');
    if (words.empty()) {
        words = content_of(fmt::format("/proc/{}/comm", pid));
        words = "no command line, " + words.substr(0, words.find('\n'));
    }
    auto process = look_at(pid).value_or(seen_process{});
    auto parent = content_of(fmt::format("/proc/{}/comm", process.parent));
    return fmt::format("{} ({}; state {}, {} threads, started at tick {}, child of {} {})", pid, words,
                       process.state, process.threads, process.start_time, process.parent,
                       parent.substr(0, parent.find('\n')));
}

std::map<std::string, std::string> namespaces_of(pid_t pid) {
    std::map<std::string, std::string> result;
    std::error_code gone;
    for (const char* kind : {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"})
        if (auto link = files::read_symlink(fmt::format("/proc/{}/ns/{}", pid, kind), gone); !gone)
            result[kind] = link.string();
    return result;
}

} // namespace gestvenv::faults
