// SPDX-License-Identifier: MIT
// What the words of a command mean in a console where an environment is used: which of them name another one, and where
// the used one is filled in.
#pragma once

#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/completion/word_scan.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// A word that may name a living environment.
struct possible_name {
    std::string word;
    /// The word may as well be a program: a few characters of an id are no name then.
    bool may_be_program = false;
};

struct used_environment {
    /// Its name, or its id where it has none.
    std::string name;
    /// Whether a word names a living environment. Asks the node.
    std::function<bool(const possible_name& word)> names_environment;
    /// No command can be about another one.
    bool is_only_one = false;
};

/// `words`, of which the first is the name of one of `commands`, with the used environment before the program of a command
/// that runs one (`exec`, `shell`) and names no environment. To be called before the words are scanned: options behind a
/// program are the program's.
std::vector<std::string> with_environment(const command& commands, const used_environment& used,
                                          std::vector<std::string> words);

/// Names the used environment in all other commands that are about one and name none.
void fill_in_environment(const used_environment& used, scanned_words& scanned);

} // namespace gestvenv::cli
