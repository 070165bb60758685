// SPDX-License-Identifier: MIT
// A question on the terminal, and the line that is typed as its answer.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// Whether a question is seen, and can be answered: standard input and standard error are terminals.
bool can_ask() noexcept;

/// Shows `question` on standard error and reads a line, without its end and the blanks around it. Nothing: the input has
/// ended (Ctrl-D), or `interrupted` has been asked to stop.
std::optional<std::string> ask(std::string_view question, const std::stop_token& interrupted);

/// The answers to one of several questions of the same kind.
enum class decision {
    no,         ///< also where nothing but Enter was typed
    yes,        ///<
    yes_to_all, ///< to this one, and to those that were not asked yet
    stop,       ///< no to this one and to those that were not asked yet; also the end of the input
};

/// What `decide` takes as answers, in a line.
inline constexpr std::string_view decision_keys =
    "y: yes, n: no, a: yes to this one and all that follow, q: stop";

/// Asks `question [y/N]` until the answer is one of these.
decision decide(std::string_view question, const std::stop_token& interrupted);

} // namespace gestvenv::cli
