// SPDX-License-Identifier: MIT
// A terminal for a program: what is written to one side is read from the other.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>

namespace gestvenv::terminal {

struct window_size {
    std::uint16_t columns = 80;
    std::uint16_t rows = 24;
};

struct pseudo_terminal {
    /// This process's side; non-blocking.
    descriptor master;
    /// The program's.
    descriptor device;
};

outcome<pseudo_terminal> open_pseudo_terminal(const window_size& size);

/// Its foreground process group hears of it (SIGWINCH).
outcome<void> resize(const descriptor& master, const window_size& size);

} // namespace gestvenv::terminal
