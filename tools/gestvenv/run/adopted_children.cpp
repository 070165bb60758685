// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/adopted_children.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>

namespace gestvenv::cli {

namespace {

/// A launcher that has said farewell ends at once; what does not end is residue, and told as such.
constexpr std::chrono::milliseconds patience{500};

} // namespace

adopted_children::adopted_children() noexcept {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

adopted_children::~adopted_children() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::chrono::microseconds pause{40};
    while (true) {
        auto pid = ::waitpid(-1, nullptr, WNOHANG | __WALL);
        if (pid > 0)
            continue;
        if (pid < 0 && errno != EINTR)
            break; // none is left
        if (std::chrono::steady_clock::now() >= deadline)
            break;
        // Nothing tells of children that are not ours without taking the host's SIGCHLD; a launcher takes
        // some hundred microseconds.
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, std::chrono::microseconds{2000});
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

} // namespace gestvenv::cli
