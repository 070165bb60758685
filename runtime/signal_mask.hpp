// SPDX-License-Identifier: MIT
// Keeps signals of the host away from threads of ours.
#pragma once

#include <csignal>
#include <pthread.h>

namespace gestvenv {

/// Threads inherit the mask of the thread that starts them: no signal of the host may be delivered to one of
/// ours.
class all_signals_blocked {
public:
    all_signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;
    ~all_signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

} // namespace gestvenv
