// SPDX-License-Identifier: MIT
// What a command line asks for, as plain data. Looks at nothing but the words themselves: no file, no
// variable of the environment, no machine (see preflight.hpp for those).
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/command.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace gestvenv::cli {

struct scanned_words;

/// A text that was asked for (`--help`, `--version`), or stands in for a missing command.
struct text_request {
    std::string text;
    /// False for help in answer to a mistake: it goes to standard error, and the exit status is 2.
    bool asked_for = true;
};

/// A command, with what its options and operands say.
struct wanted_command {
    const command* what = nullptr;
    std::unique_ptr<command_request> request;
};

using wanted_action = std::variant<wanted_command, text_request>;

/// What words mean that are typed in a console.
struct reading_context {
    global_options global;
    /// Called before anything is made of the words.
    std::function<outcome<void>(scanned_words& scanned)> adjust;
};

/// Reads the words after the name of `program`. Every error is invalid_argument, its hint names what is
/// accepted or the nearest thing there is. Specifications and packages are validated, so that nothing is
/// started for what cannot be.
outcome<wanted_action> parse_command_line(const command& program, const std::vector<std::string>& words,
                                          const reading_context& within = {});

} // namespace gestvenv::cli
