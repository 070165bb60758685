// SPDX-License-Identifier: MIT
// Reads a file that a user names, without waiting for anything.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace gestvenv {

/// All of a regular file, links followed. Errors: invalid_argument for what is no regular file (a pipe would
/// have to be waited for) or larger than `largest` bytes; those of system_failure() otherwise.
outcome<std::string> read_regular_file(const std::filesystem::path& path, std::size_t largest);

} // namespace gestvenv
