// SPDX-License-Identifier: MIT
// The words of gestvenv-bench's command line.
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gestvenv::bench {

struct options {
    bool help = false;
    bool list = false;
    /// Only the rows that say most, each measured less often: about a minute in all.
    bool quick = false;
    /// Names of the rows to run, in the order of all_rows(); empty: all.
    std::vector<std::string> rows;
    /// Instead of each row's own number, 1 to 100000.
    std::optional<int> runs;
    std::optional<std::filesystem::path> json;
    /// Unset: the system's python3.
    std::optional<std::filesystem::path> python;
};

/// `known`: the names that `--row` accepts. Error: invalid_argument.
outcome<options> read_options(std::span<const std::string> words, std::span<const std::string> known);

std::string help_text();

} // namespace gestvenv::bench
