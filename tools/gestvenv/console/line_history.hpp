// SPDX-License-Identifier: MIT
// Lines that were typed, in a file of the user's alone.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

/// Several consoles may add to one file. Not thread-safe.
class line_history {
public:
    /// Of the lines in the file, and of those in memory, so many are kept: the last ones.
    static constexpr std::size_t most_lines = 1000;
    static constexpr std::size_t longest_line = std::size_t{16} << 10;

    explicit line_history(std::filesystem::path file) : file_(std::move(file)) {}

    /// Reads what is there; where that is twice what is kept, the file is cut.
    outcome<void> load();
    /// Adds a line, but for an empty one, a repeated one, one that begins with a space, and one that is too long.
    outcome<void> add(std::string_view line);
    outcome<void> clear();

    /// Oldest first.
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::filesystem::path file_;
    std::vector<std::string> lines_;
};

} // namespace gestvenv::cli
