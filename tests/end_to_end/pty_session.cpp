// SPDX-License-Identifier: MIT
#include "tests/end_to_end/pty_session.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gestvenv::test {

namespace {

constexpr int moment = 20; // milliseconds

std::chrono::steady_clock::time_point later() {
    return std::chrono::steady_clock::now() + patience;
}

[[noreturn]] void become(const std::vector<std::string>& words, const surroundings& where) {
    for (const auto& [name, value] : where.variables)
        ::setenv(name.c_str(), value.c_str(), 1);
    if (::chdir(where.folder.c_str()) != 0)
        ::_exit(126);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU})
        ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> arguments;
    for (const auto& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp(3) does not write to them
    arguments.push_back(nullptr);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
}

} // namespace

pty_session::pty_session(const std::vector<std::string>& words, const surroundings& where) {
    winsize size{24, 40, 0, 0};
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    REQUIRE(pid_ >= 0);
    if (pid_ == 0)
        become(words, where);
    ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
}

pty_session::~pty_session() {
    hang_up();
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

void pty_session::hang_up() {
    if (terminal_ >= 0)
        ::close(terminal_);
    terminal_ = -1;
}

void pty_session::type(std::string_view keys) const {
    REQUIRE(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
}

bool pty_session::read_some() {
    pollfd ready{terminal_, POLLIN, 0};
    if (::poll(&ready, 1, moment) != 1)
        return false;
    std::array<char, 4096> buffer{};
    auto size = ::read(terminal_, buffer.data(), buffer.size());
    if (size <= 0)
        return false; // EIO: no process has it open
    shown_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
}

void pty_session::wait_for(std::string_view text) {
    const auto deadline = later();
    for (;;) {
        auto found = shown_.find(text, seen_);
        if (found != std::string::npos) {
            seen_ = found + text.size();
            return;
        }
        if (std::chrono::steady_clock::now() >= deadline)
            FAIL("it does not come: " << text << "; there is: " << shown_);
        if (!read_some())
            ::poll(nullptr, 0, 1);
    }
}

void pty_session::resize(unsigned short columns) const {
    winsize size{24, columns, 0, 0};
    REQUIRE(::ioctl(terminal_, TIOCSWINSZ, &size) == 0);
}

termios pty_session::modes() const {
    termios modes{};
    REQUIRE(::tcgetattr(terminal_, &modes) == 0);
    return modes;
}

void pty_session::wait_for_mode(bool lines) const {
    const auto deadline = later();
    while (((modes().c_lflag & ICANON) != 0) != lines) {
        if (std::chrono::steady_clock::now() >= deadline)
            FAIL("the modes of the terminal do not change; there is: " << shown_);
        ::poll(nullptr, 0, 1);
    }
}

void pty_session::wait_for_lines() const {
    wait_for_mode(true);
}

void pty_session::wait_for_raw() const {
    wait_for_mode(false);
}

finished pty_session::wait() {
    const auto deadline = later();
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, WNOHANG)) == 0) {
        if (std::chrono::steady_clock::now() >= deadline)
            FAIL("the program hangs; it has shown: " << shown_);
        if (terminal_ < 0 || !read_some())
            ::poll(nullptr, 0, 1);
    }
    REQUIRE(ended == pid_);
    pid_ = -1;
    while (terminal_ >= 0 && read_some()) {
    }
    finished result;
    if (WIFEXITED(status))
        result.status = WEXITSTATUS(status);
    else
        result.signal = WTERMSIG(status);
    result.out = shown_;
    return result;
}

} // namespace gestvenv::test
