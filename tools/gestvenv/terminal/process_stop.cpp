// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/process_stop.hpp"

#include <csignal>

namespace gestvenv::cli {

// SIGCONT is blocked, so that it is still there afterwards and tells.
bool stop_this_process(int signal) noexcept {
    sigset_t one;
    sigset_t before;
    ::sigemptyset(&one);
    ::sigaddset(&one, signal);
    // To this thread: what is sent to the process is read by signalfd(2).
    ::raise(signal);
    ::pthread_sigmask(SIG_UNBLOCK, &one, &before);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    sigset_t pending;
    ::sigpending(&pending);
    return ::sigismember(&pending, SIGCONT) == 1;
}

} // namespace gestvenv::cli
