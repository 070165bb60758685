// SPDX-License-Identifier: MIT
// Forked children of a test: to be killed, or to see what another process sees.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace gestvenv::test {

/// Runs `body` in a forked child, which ends without any of the test program's cleanup.
inline pid_t start_child(const std::function<void()>& body) {
    pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        body();
        ::_exit(0);
    }
    return child;
}

/// As waitpid(2) gives it.
inline int wait_for(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

/// Runs `body` in a forked child and returns what it returned: a complaint, or nothing.
inline std::string in_child(const std::function<std::string()>& body) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto child = start_child([&] {
        auto text = body();
        auto written = ::write(ends[1], text.data(), text.size());
        ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
    });
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    auto status = wait_for(child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        text += " (the child did not end well)";
    return text;
}

} // namespace gestvenv::test
