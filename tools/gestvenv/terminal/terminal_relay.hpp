// SPDX-License-Identifier: MIT
// A terminal of the program's own, and the caller's terminal: what comes from one goes to the other.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <gestvenv/command_spec.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

/// The program gets a pseudo-terminal in the place of those of its standard streams that are the caller's
/// terminal, with the same modes and size. So it has a /dev/tty, job control and its own modes, and can push
/// nothing into the caller's terminal.
///
/// Where all three streams are the terminal, the program has it from the start. Where one is not (a pipeline,
/// a redirection), the rest of a pipeline may use the terminal as well: then the program begins in the
/// background of its own, and the caller's terminal is left as it is, until the program reads from its own
/// and is stopped for it (SIGTTIN). The same holds for a job in the background.
///
/// One run at a time has a terminal: another one on the same (`xargs -P2 -o`, a supervisor) goes on in the background
/// of its own until it is its turn.
///
/// Not thread-safe. Buffers are bounded: who writes faster than the other reads has to wait.
class terminal_relay {
public:
    /// Null where no standard stream is a terminal, and this process has none. The error is that there is one and no other
    /// can be had.
    static outcome<std::unique_ptr<terminal_relay>> open();

    /// What the command is given.
    command_terminal for_command() const;

    /// Where the caller's terminal is for the program: takes it, and says true. False in the background, and while
    /// another run has it.
    bool take_terminal();
    /// Whether this process could have it but for another run.
    bool waits_for_turn() const noexcept { return waits_for_turn_; }
    /// Gives it back, for the time being.
    void leave_terminal();
    /// Whether the program has it, in the foreground of its own.
    bool has_terminal() const noexcept { return has_terminal_; }
    /// Whether all standard streams are the terminal.
    bool whole() const noexcept { return whole_; }
    bool caller_in_foreground() const noexcept { return modes_.in_foreground(); }

    /// Gives the program's terminal the size of the caller's; whether that is another.
    bool copy_size();
    /// The last SIGINT or SIGQUIT that was typed as a key for the program; 0: none.
    int typed_signal() const noexcept { return typed_signal_; }
    /// Those of them that the caller's group has not been told yet: by hand, the terminal would have.
    std::vector<int> take_untold_signals() { return std::exchange(untold_signals_, {}); }

    /// What `pass_on` waits for: the caller's terminal, and the program's.
    std::array<pollfd, 2> waits() const noexcept;
    /// Takes and gives what it can without waiting.
    void pass_on(const std::array<pollfd, 2>& ready);
    /// The command has ended: takes what it has written. True when all of it has been given to the caller.
    bool drained();
    /// Whether the caller's terminal has gone away.
    bool gone() const noexcept { return gone_; }

private:
    terminal_relay(descriptor terminal, descriptor turn, descriptor master, descriptor device,
                   std::array<bool, 3> is_terminal, const termios& given);

    void copy_modes();

    void read_keys();
    void write_keys();
    bool read_output();
    void write_output();
    void note_signal_keys(const char* data, std::size_t size);

    descriptor terminal_;
    /// The same by a name that is its own, for the lock of whose turn it is.
    descriptor turn_;
    descriptor master_;
    descriptor device_;
    std::array<bool, 3> is_terminal_;
    bool whole_;
    bool has_terminal_ = false;
    bool waits_for_turn_ = false;
    bool gone_ = false;
    bool program_gone_ = false;
    int typed_signal_ = 0;
    std::vector<int> untold_signals_;
    terminal_modes modes_;
    termios given_;
    std::string keys_;
    std::string output_;
    bool held_return_ = false;
};

} // namespace gestvenv::cli
