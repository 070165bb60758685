// SPDX-License-Identifier: MIT
// Tells apart the words of a command line: our options, the names of commands, their operands, and the
// program that is to run, whose options are its own.
#pragma once

#include "messages/outcome.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace gestvenv::cli {

struct scanned_words {
    /// What CLI11 is to parse: options with their values as words of their own, and the names of commands.
    std::vector<std::string> own;
    /// The innermost command that is named; the root where none is.
    CLI::App* command = nullptr;
    /// What is no option, without the first `--`: for `runner` its program with all that follows.
    std::vector<std::string> operands;
    /// The option that stands right before the operands, without a `--` between them.
    std::string option_before;
};

/// CLI11 can leave a tail of words alone, but takes an unknown option for the beginning of that tail, and
/// versions differ in what they do with `--`. This knows its table of options, and settles both. Options of
/// an outer command stand anywhere before the operands of `runner`, and anywhere at all for every other
/// command.
outcome<scanned_words> scan_words(CLI::App& root, const CLI::App& runner,
                                  const std::vector<std::string>& words);

/// The command as it is called: `gestvenv config set`.
std::string full_name(const CLI::App& command);

/// The commands directly below.
std::vector<CLI::App*> commands_of(CLI::App& app);
std::vector<const CLI::App*> commands_of(const CLI::App& app);

} // namespace gestvenv::cli
