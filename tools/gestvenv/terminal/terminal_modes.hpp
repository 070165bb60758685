// SPDX-License-Identifier: MIT
// The modes of the caller's terminal: changed while a program has it, and given back whatever happens.
#pragma once

#include <termios.h>

namespace gestvenv::cli {

/// Who else writes to the terminal or waits for its keys while its modes are changed.
enum class terminal_sharing {
    alone,         ///< no process: every key is a byte for the program
    with_pipeline, ///< the rest of a pipeline: Ctrl-C and its like still signal it, and its lines still end
                   ///< as usual
};

/// One terminal at a time. Not thread-safe.
class terminal_modes {
public:
    /// `terminal` stays open as long as this.
    explicit terminal_modes(int terminal) noexcept : terminal_(terminal) {}
    terminal_modes(const terminal_modes&) = delete;
    terminal_modes& operator=(const terminal_modes&) = delete;
    ~terminal_modes() { restore(); }

    /// Whether this process's group has the terminal. True where the terminal knows no groups, because it is
    /// not this session's.
    bool in_foreground() const noexcept;
    /// Passes every key on as it is typed. Nothing in the background, whose modes they are not. Where they
    /// have been changed, changes them again: a shell may have had its own meanwhile.
    void make_raw(terminal_sharing sharing) noexcept;
    void restore() noexcept;
    bool raw() const noexcept { return raw_; }
    /// Whether a line end is made a line end with a return by the terminal.
    bool completes_lines() const noexcept;
    /// While raw and shared: does with signal keys and line ends what `program`, the modes of the program's
    /// own terminal, would do.
    void follow(const termios& program) noexcept;

private:
    int terminal_;
    bool raw_ = false;
    termios original_{};
    termios changed_{};
};

/// Has restore_terminal() give the terminal its present modes, which a library is about to change.
void restore_at_end(int terminal) noexcept;
/// The library has given them back.
void restore_no_more() noexcept;

/// Gives the terminal back, if its modes are changed: for the end of the process, from a signal handler too.
void restore_terminal() noexcept;

/// Has the first of the standard streams that is a terminal restored by what outlives this program, where it is killed:
/// its launcher, or the node that runs its command (system/posix/terminal_restoration.hpp).
void have_terminal_of_streams_restored() noexcept;

/// Whether lines on the terminal need a return before their end.
bool terminal_is_raw() noexcept;

} // namespace gestvenv::cli
