// SPDX-License-Identifier: MIT
// Tells apart the words of a command line: our options, the names of commands, their operands, and the
// program that is to run, whose options are its own.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/command.hpp"

#include <string>
#include <vector>

namespace gestvenv::cli {

struct scanned_words {
    /// From the program to the innermost command that is named, with the values of their options.
    command_path path;
    operand_words operands;
};

/// Options of an outer command stand anywhere before the operands of one that passes words on, and anywhere
/// at all for every other command. `global` must live until the options have been read.
outcome<scanned_words> scan_words(const command& program, global_options& global,
                                  const std::vector<std::string>& words);

} // namespace gestvenv::cli
