// SPDX-License-Identifier: MIT
// A console in front of a person.
#pragma once

#include "tests/end_to_end/node_scene.hpp"
#include "tests/end_to_end/pty_session.hpp"

#include <string>
#include <vector>

namespace gestvenv::test {

/// On a wide terminal, at its first prompt.
class console_at_terminal {
public:
    explicit console_at_terminal(scene& place, std::vector<std::string> words = {"console"});

    pty_session& operator*() noexcept { return session_; }
    pty_session* operator->() noexcept { return &session_; }

    /// Types a line, and waits for what it shows.
    void begin(const std::string& line, const std::string& expected);
    /// The same, and waits for the prompt after that.
    void answer(const std::string& line, const std::string& expected);
    /// Of the console with this environment in use, from now on.
    void use(const std::string& environment);
    void wait_for_prompt() { session_.wait_for(prompt_); }
    /// The prompt from now on, for a console of another kind.
    void expect_prompt(std::string prompt) { prompt_ = std::move(prompt); }

private:
    pty_session session_;
    std::string prompt_ = "gestvenv> ";
};

} // namespace gestvenv::test
