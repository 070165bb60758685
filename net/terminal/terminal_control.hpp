// SPDX-License-Identifier: MIT
// What a client asks of its terminal, beside the keys: text messages of the WebSocket.
//
//     {"resize": {"columns": 120, "rows": 40}}
//     {"signal": "INT"}
#pragma once

#include "messages/outcome.hpp"
#include "net/terminal/pseudo_terminal.hpp"

#include <string_view>
#include <variant>

namespace gestvenv::terminal {

/// For the foreground of the terminal, as its keys are.
struct terminal_signal {
    int number = 0;
};

using control = std::variant<window_size, terminal_signal>;

constexpr std::int64_t most_columns = 10'000;

/// Errors: invalid_argument.
outcome<control> parse_control(std::string_view text);

/// `TSTP`; empty for a number that has no name here.
std::string_view signal_name(int number) noexcept;

} // namespace gestvenv::terminal
