// Tells apart the words of a command line: our options, and the command that is to run, whose options are its
// own.
#pragma once

#include "messages/outcome.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace gestvenv::cli {

struct scanned_words {
    /// What CLI11 is to parse: options with their values as words of their own, and the subcommand's name.
    std::vector<std::string> own;
    /// Null where no subcommand is named.
    CLI::App* subcommand = nullptr;
    /// What follows the subcommand's options, without the `--` that may stand before it.
    std::vector<std::string> command;
};

/// CLI11 can leave a tail of words alone, but takes an unknown option for the beginning of that tail, and
/// versions differ in what they do with `--`. This knows its table of options, and settles both.
outcome<scanned_words> scan_words(CLI::App& root, const std::vector<std::string>& words);

} // namespace gestvenv::cli
