// What a command line asks for, as plain data. Looks at nothing but the words themselves: no file, no
// variable of the environment, no machine (see preflight.hpp for those).
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/environment_spec.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gestvenv::cli {

/// `gestvenv run`: one environment, one command in it.
struct run_request {
    environment_spec environment;
    /// Its `working_directory` is empty where the caller's own is meant.
    command_spec command;
    /// Variables of the caller's that the command gets, where they are set.
    std::vector<std::string> passed_variables;
    /// Where the teardown receipt goes as JSON; `-`: as text to standard error.
    std::optional<std::string> receipt;
    bool verbose = false;
};

/// A text that was asked for (`--help`, `--version`), or stands in for a missing command.
struct text_request {
    std::string text;
    /// False for the help that nobody asked for: it goes to standard error, and the exit status is 2.
    bool asked_for = true;
};

using action = std::variant<run_request, text_request>;

/// Reads the words after the program's name. Every error is invalid_argument, its hint names what is accepted
/// or the nearest thing there is. Specifications and packages are validated, so that nothing is started for
/// what cannot be.
outcome<action> parse_command_line(const std::vector<std::string>& words);

} // namespace gestvenv::cli
