// SPDX-License-Identifier: MIT
// The peers' programs, started as simply as a program can be. In the product nothing but the launcher starts
// processes; what the launcher is compared with cannot go through it.
#pragma once

#include <string>
#include <vector>

namespace gestvenv::bench {

/// posix_spawn(3) and wait: the program (looked up in PATH), with this process's variables and its output
/// thrown away. Throws std::runtime_error unless it ends with status 0.
void run_child(const std::vector<std::string>& words);

/// The same; returns what it writes to standard output, without trailing newlines.
std::string output_of_child(const std::vector<std::string>& words);

} // namespace gestvenv::bench
