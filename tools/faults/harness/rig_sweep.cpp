// SPDX-License-Identifier: MIT
#include "tools/faults/harness/rig_sweep.hpp"

#include "system/limits/cgroup.hpp"

#include <fmt/format.h>

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace gestvenv::faults {

namespace {

namespace files = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* all_is_removed = "removed";

// Launchers undo their environments when their program ends: they are let.
constexpr auto until_they_are_killed = 5s;
constexpr auto until_they_are_gone = 10s;

void wait_for(std::chrono::seconds limit, const std::function<bool()>& over) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!over() && std::chrono::steady_clock::now() < deadline)
        ::poll(nullptr, 0, 20);
}

void remove_groups(const std::vector<std::string>& paths) {
    std::vector<cgroup> groups;
    for (const auto& path : paths)
        if (auto group = cgroup::open_made(path))
            groups.push_back(std::move(*group));
    auto empty = [&groups] {
        return std::none_of(groups.begin(), groups.end(),
                            [](const auto& group) { return group.count(1) > 0; });
    };
    wait_for(until_they_are_killed, empty);
    wait_for(until_they_are_gone, [&] {
        for (const auto& group : groups)
            (void)group.kill(); // looked at again
        return empty();
    });
    for (const auto& group : groups) {
        (void)group.remove();
        ::rmdir(files::path{group.path()}.parent_path().c_str());
    }
}

[[noreturn]] void sweep(int told, const files::path& folder, uid_t user) {
    ::prctl(PR_SET_NAME, "gestvenv-sweep");
    ::setsid();
    for (int number : {SIGINT, SIGTERM, SIGHUP})
        ::signal(number, SIG_IGN);
    // A reader of the rig's output waits for the end of all who could write it.
    ::dup2(::open("/dev/null", O_RDWR), STDIN_FILENO);
    ::dup2(STDIN_FILENO, STDOUT_FILENO);
    ::dup2(STDIN_FILENO, STDERR_FILENO);
    ::dup2(told, 3);
    ::close_range(4, ~0U, 0);
    if (::chdir("/") != 0)
        ::_exit(1);
    std::string text;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = ::read(3, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    std::istringstream lines{text};
    std::vector<std::string> groups;
    for (std::string line; std::getline(lines, line);) {
        if (line == all_is_removed)
            ::_exit(0);
        groups.push_back(line);
    }
    remove_groups(groups);
    std::error_code ignored; // there is no one to tell
    files::remove_all(folder, ignored);
    for (const char* place : {"/dev/shm", "/tmp"})
        files::remove_all(files::path{place} / fmt::format("gestvenv-ephemeral-{}", user), ignored);
    ::_exit(0);
}

} // namespace

rig_sweep::rig_sweep(const files::path& folder, uid_t user) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error{"cannot make a pipe for the process that sweeps up after a rig"};
    descriptor heard{ends[0]};
    told_ = descriptor{ends[1]};
    // Its parent ends at once, and the rig does not take it in: what descends from that is looked at.
    int adopts = 0;
    ::prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    auto between = ::fork();
    if (between == 0) {
        auto child = ::fork();
        if (child == 0) {
            told_.reset();
            sweep(heard.get(), folder, user);
        }
        ::_exit(child < 0 ? 1 : 0);
    }
    int status = -1;
    if (between > 0)
        ::waitpid(between, &status, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0);
    if (status != 0)
        throw std::runtime_error{"cannot start the process that sweeps up after a rig"};
}

rig_sweep::~rig_sweep() {
    tell(all_is_removed);
}

void rig_sweep::add_group(const std::string& path) const {
    tell(path);
}

// A pipe takes a line in one piece.
void rig_sweep::tell(const std::string& line) const {
    auto text = line + "\n";
    (void)!::write(told_.get(), text.data(), text.size());
}

} // namespace gestvenv::faults
