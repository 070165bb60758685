// SPDX-License-Identifier: MIT
// The last output of a terminal, for who is attached to it later.
#pragma once

#include "net/terminal/screen_modes.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gestvenv::terminal {

class scrollback {
public:
    /// Bytes that are shown again, at least.
    static constexpr std::size_t kept = std::size_t{256} << 10;

    void add(std::string_view piece);
    /// Begins with a line, in the modes that the terminal had there, and asks nothing.
    std::string shown_again() const;

private:
    std::string text_;
    /// At the beginning of `text_`.
    screen_modes modes_;
    bool is_cut_ = false;
};

} // namespace gestvenv::terminal
