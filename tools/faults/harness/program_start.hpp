// SPDX-License-Identifier: MIT
// Starts the programs of a cycle.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::faults {

/// As execve(2) takes them: pointers into `texts`, and a null at the end.
std::vector<char*> pointers_to(std::vector<std::string>& texts);

/// The number by which a program knows its end of the pipe `ready`.
inline constexpr int ready_number = 3;

/// A program that ends with its caller, with nothing to read. Its output and its errors are appended to `said`; it gets
/// `ready` under `ready_number`, unless that is -1. Throws std::runtime_error.
pid_t start_program(std::vector<std::string> words, std::vector<std::string> variables,
                    const std::filesystem::path& said, int ready = -1);

} // namespace gestvenv::faults
