// SPDX-License-Identifier: MIT
#include "tools/bench/child_process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace gestvenv::bench {

namespace {

[[noreturn]] void fail(const std::vector<std::string>& words, const std::string& why) {
    throw std::runtime_error{fmt::format("{}: {}", fmt::join(words, " "), why)};
}

class file_actions {
public:
    file_actions() { ::posix_spawn_file_actions_init(&actions_); }
    file_actions(const file_actions&) = delete;
    file_actions& operator=(const file_actions&) = delete;
    ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void throw_away(int number) {
        ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0);
    }
    void redirect(int number, int to) { ::posix_spawn_file_actions_adddup2(&actions_, to, number); }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

pid_t start(const std::vector<std::string>& words, const file_actions& actions) {
    std::vector<char*> arguments;
    for (const auto& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = -1;
    if (int number =
            ::posix_spawnp(&child, arguments.front(), actions.get(), nullptr, arguments.data(), ::environ))
        fail(words, std::strerror(number)); // NOLINT(concurrency-mt-unsafe)
    return child;
}

void wait_for(pid_t child, const std::vector<std::string>& words) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail(words, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    if (WIFSIGNALED(status))
        fail(words, fmt::format("ended by signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        fail(words, fmt::format("exit status {}", WEXITSTATUS(status)));
}

} // namespace

void run_child(const std::vector<std::string>& words) {
    file_actions actions;
    for (int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        actions.throw_away(number);
    wait_for(start(words, actions), words);
}

std::string output_of_child(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        fail(words, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    file_actions actions;
    actions.throw_away(STDIN_FILENO);
    actions.throw_away(STDERR_FILENO);
    actions.redirect(STDOUT_FILENO, ends[1]);
    pid_t child = -1;
    try {
        child = start(words, actions);
    } catch (...) { // whatever it is goes on its way; the pipe does not stay
        ::close(ends[0]);
        ::close(ends[1]);
        throw;
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        auto got = ::read(ends[0], buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    wait_for(child, words);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

} // namespace gestvenv::bench
