#include "tools/gestvenv/adopted_children.hpp"

#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

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
    while (true) {
        auto pid = ::waitpid(-1, nullptr, WNOHANG | __WALL);
        if (pid > 0)
            continue;
        if (pid < 0 && errno != EINTR)
            break; // none is left
        if (std::chrono::steady_clock::now() >= deadline)
            break;
        ::poll(nullptr, 0, 1);
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

} // namespace gestvenv::cli
