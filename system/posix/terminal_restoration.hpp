// SPDX-License-Identifier: MIT
// A terminal whose modes a program changes, and which it cannot give back where it is killed: its launcher does, which
// outlives it.
#pragma once

#include "system/posix/descriptor.hpp"

#include <termios.h>

namespace gestvenv {

/// For a program of ours that makes this terminal raw (cfmakeraw(3)) while it runs: its launcher, started after this,
/// is given it. -1: none, as at first. The descriptor stays the caller's. Thread-safe.
void have_terminal_restored(int terminal) noexcept;
int terminal_to_have_restored() noexcept;

/// Whether `now` is what cfmakeraw(3) makes of `modes`, with or without signal keys and line ends (ISIG, OPOST).
bool is_raw_form_of(const termios& now, const termios& modes) noexcept;

/// The launcher's side.
class terminal_restoration {
public:
    /// Nothing without a terminal.
    terminal_restoration() noexcept = default;
    /// Takes note of the modes as they are.
    explicit terminal_restoration(descriptor terminal) noexcept;

    /// The program ends in order, and has given it back: another may have it from now on.
    void forget() noexcept { terminal_.reset(); }
    /// The program was killed: gives back the modes noted, if those in force are the raw form of them. What a shell, or
    /// another program, has set meanwhile stays. The caller blocks SIGTTOU.
    void restore() noexcept;

private:
    descriptor terminal_;
    termios modes_{};
};

} // namespace gestvenv
