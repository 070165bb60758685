// SPDX-License-Identifier: MIT
// Descriptors of the caller's that a command line names: `<(...)` of a shell, a here-document, /dev/stdin.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// The numbers above 2 in `words`, as in `/dev/fd/63` or `--config=/dev/fd/63`, that are open here; each
/// once.
std::vector<int> descriptors_named_in(const std::vector<std::string>& words);

/// Whether the caller has it open.
bool is_open(int number) noexcept;

/// What comes out of a descriptor until its end, which is waited for. Error: invalid_argument, where it
/// cannot be read or has more than `most` bytes.
outcome<std::string> content_of(int number, std::size_t most);

/// A file in memory that has `content`, open for the rest of the program, as the path `/dev/fd/N`.
outcome<std::string> path_of_memory_file(const std::string& content);

} // namespace gestvenv::cli
