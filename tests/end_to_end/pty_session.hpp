// SPDX-License-Identifier: MIT
// A program as the leader of a session on a terminal, and who sits in front of it.
#pragma once

#include "tests/end_to_end/program.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>
#include <termios.h>
#include <vector>

namespace gestvenv::test {

class pty_session {
public:
    /// A terminal of 24 lines of 40 characters.
    pty_session(const std::vector<std::string>& words, const surroundings& where);
    pty_session(const pty_session&) = delete;
    pty_session& operator=(const pty_session&) = delete;
    /// The end of all that is in the session.
    ~pty_session();

    void type(std::string_view keys) const;
    /// Waits until this has been shown, after what was waited for before.
    void wait_for(std::string_view text);
    void resize(unsigned short columns) const;
    termios modes() const;
    /// Waits until the terminal is one that a shell reads lines from, or that a program has for itself.
    void wait_for_lines() const;
    void wait_for_raw() const;
    /// As when its window is closed.
    void hang_up();
    pid_t pid() const noexcept { return pid_; }
    /// To the end of the program.
    finished wait();
    const std::string& shown() const noexcept { return shown_; }

private:
    void wait_for_mode(bool lines) const;
    /// False where nothing has come for a moment.
    bool read_some();

    int terminal_ = -1;
    pid_t pid_ = -1;
    std::string shown_;
    std::size_t seen_ = 0;
};

} // namespace gestvenv::test
