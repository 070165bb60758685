// SPDX-License-Identifier: MIT
// What a program has changed of its terminal by what it wrote (ECMA-48; the private modes of xterm).
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace gestvenv::terminal {

/// Follows the modes that outlast a program's lines: the other screen, a hidden cursor, a mouse that is reported, paste
/// in brackets, keys of the application. Pieces may end anywhere.
class screen_modes {
public:
    void read(std::string_view piece);

    /// Brings a usual terminal into these modes.
    std::string set() const;
    /// Brings one in these modes back to the usual ones.
    std::string reset() const;

private:
    enum class place { text, escape, control, parameters };
    void end_of_sequence(char final);

    place at_ = place::text;
    std::string parameters_;
    /// Modes that are not as usual.
    std::set<int> changed_;
    bool keypad_ = false;
};

/// Without what asks a terminal for an answer: one who is shown it later would answer as if keys were typed.
std::string without_questions(std::string_view output);

} // namespace gestvenv::terminal
