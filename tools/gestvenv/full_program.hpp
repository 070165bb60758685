// SPDX-License-Identifier: MIT
// `gestvenv` and `gestvenv-node` are the same program, the latter with encryption (net/tls/built_in.hpp).
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// `gestvenv-node`, beside this program.
outcome<std::filesystem::path> full_program();

/// The words behind the program's name, as they were at its start.
std::vector<std::string> words_of_this_process();

/// Becomes it, with the words of this command line (execve(2)); call it before anything has happened. Returns at once
/// where this program has encryption itself, and an error where the other one is missing.
outcome<void> go_on_in_full_program(const std::vector<std::string>& words);

} // namespace gestvenv::cli
