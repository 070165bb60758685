// SPDX-License-Identifier: MIT
// Looks at a file and says whether it is a program. Starts nothing.
#pragma once

#include <filesystem>

namespace gestvenv::python {

/// A regular file (links followed) that this process may execute.
bool is_executable_file(const std::filesystem::path& file) noexcept;

/// Such a file that is a binary, not a script: what an interpreter is and a shim is not.
bool is_binary_program(const std::filesystem::path& file) noexcept;

} // namespace gestvenv::python
