// SPDX-License-Identifier: MIT
#include "tests/support/processes.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <unistd.h>

namespace gestvenv::test {

std::string unique_number() {
    static std::atomic<int> next{100000};
    return std::to_string(::getpid()) + std::to_string(next++);
}

namespace {

// A process that ends meanwhile makes the read fail, which only this way of reading does not throw.
std::string content_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

// Of any thread: the first one may have ended before the others, and then has none of this. A process that
// has ended, and is not waited for yet, has no thread that does.
bool mentions(const std::filesystem::path& process, const std::string& word) {
    std::error_code gone;
    for (std::filesystem::directory_iterator task{process / "task", gone}, end; !gone && task != end;
         task.increment(gone))
        if (content_of(task->path() / "cmdline").find(word) != std::string::npos)
            return true;
    return false;
}

} // namespace

std::vector<pid_t> processes_with(const std::string& word) {
    std::vector<pid_t> found;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", gone}) {
        auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
        if (pid > 0 && pid != ::getpid() && mentions(entry.path(), word))
            found.push_back(pid);
    }
    return found;
}

bool wait_for_processes(const std::string& word, std::size_t count, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (processes_with(word).size() != count) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

} // namespace gestvenv::test
