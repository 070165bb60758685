// SPDX-License-Identifier: MIT
// Changes a terminal's modes also from a process group in the background.
#pragma once

#include <termios.h>

namespace gestvenv {

/// Takes effect at once, without waiting for output, which could be for ever (termios(3), TCSANOW). SIGTTOU, which would
/// stop the process in the background, is blocked in this thread meanwhile. A terminal that is gone is none to set.
void set_terminal_modes(int terminal, const termios& modes) noexcept;

} // namespace gestvenv
