// SPDX-License-Identifier: MIT
// A terminal whose modes a program changes, and which it cannot give back where it is killed: what outlives it does, its
// launcher or the node that runs its command.
#pragma once

#include "system/posix/descriptor.hpp"

#include <optional>
#include <termios.h>
#include <utility>

namespace gestvenv {

struct noted_terminal {
    int device = -1;
    termios modes{};
};

/// For a program of ours that makes this terminal raw (cfmakeraw(3)) while it runs: takes note of the modes as they are.
/// A launcher that is started after this is given the terminal, and so is a node with each command on a terminal.
/// The descriptor stays the caller's. What is no terminal is passed over. Thread-safe.
void have_terminal_restored(int device) noexcept;
/// Nothing at first.
std::optional<noted_terminal> terminal_to_have_restored() noexcept;

/// Whether `now` is what cfmakeraw(3) makes of `modes`, with or without signal keys and line ends (ISIG, OPOST).
bool is_raw_form_of(const termios& now, const termios& modes) noexcept;

/// The side of what outlives the program.
class terminal_restoration {
public:
    /// Nothing without a terminal.
    terminal_restoration() noexcept = default;
    /// Takes note of the modes as they are.
    explicit terminal_restoration(descriptor terminal) noexcept;
    /// With the modes that the program has noted.
    terminal_restoration(descriptor terminal, const termios& modes) noexcept
        : terminal_(std::move(terminal)), modes_(modes) {}

    /// The program ends in order, and has given it back: another may have it from now on.
    void forget() noexcept { terminal_.reset(); }
    /// The program was killed: gives back the modes noted, if those in force are the raw form of them. What a shell, or
    /// another program, has set meanwhile stays. Also from the background of that terminal.
    void restore() noexcept;

private:
    descriptor terminal_;
    termios modes_{};
};

} // namespace gestvenv
