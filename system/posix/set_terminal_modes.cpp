// SPDX-License-Identifier: MIT
#include "system/posix/set_terminal_modes.hpp"

#include <csignal>

namespace gestvenv {

void set_terminal_modes(int terminal, const termios& modes) noexcept {
    sigset_t output;
    sigset_t before;
    ::sigemptyset(&output);
    ::sigaddset(&output, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &output, &before);
    ::tcsetattr(terminal, TCSANOW, &modes);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace gestvenv
