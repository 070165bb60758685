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

std::vector<pid_t> processes_with(const std::string& word) {
    std::vector<pid_t> found;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", gone}) {
        auto pid = static_cast<pid_t>(std::atoi(entry.path().filename().c_str()));
        if (pid <= 0 || pid == ::getpid())
            continue;
        // A process that ends meanwhile makes the read fail, which only this way of reading does not throw.
        std::ifstream file{entry.path() / "cmdline", std::ios::binary};
        std::ostringstream content;
        content << file.rdbuf();
        auto text = content.str();
        // A zombie's command line is empty, so it is not found here.
        if (text.find(word) != std::string::npos)
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
