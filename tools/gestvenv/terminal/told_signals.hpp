// SPDX-License-Identifier: MIT
// Signals for a command that has the terminal for itself, in a loop of its own: told by a descriptor, one after another.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <csignal>
#include <memory>
#include <optional>

namespace gestvenv::cli {

class termination;

/// Tells SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGINT, SIGHUP and SIGQUIT while it lives.
class told_signals {
public:
    /// `signals`: what has the program's signals, as in a console; null: nothing has, and they are blocked for this
    /// thread. Threads that are started beside it must have them blocked.
    static outcome<told_signals> begin(termination* signals);
    told_signals(told_signals&&) noexcept;
    told_signals& operator=(told_signals&&) = delete;
    ~told_signals();

    /// Readable while there is one.
    int get() const noexcept { return number_.get(); }
    std::optional<int> next() const;

private:
    class owner;

    explicit told_signals(descriptor number);

    /// A signalfd, or the end of a pipe that the owner writes to.
    descriptor number_;
    std::unique_ptr<owner> owner_;
    /// Unset where the owner has them.
    std::optional<sigset_t> before_;
};

} // namespace gestvenv::cli
