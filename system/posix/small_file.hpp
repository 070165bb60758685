// SPDX-License-Identifier: MIT
// Files of a few kilobytes that are read and replaced as a whole.
#pragma once

#include "messages/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// Tells one content of a file from another without reading it: changes with every replacement.
struct file_stamp {
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

struct small_file {
    std::string text;
    file_stamp stamp;
};

/// The file's content; none where there is no file, or where it is still as `known` (its stamp is told in any case).
/// permission_denied for one that belongs to another user or that others may read or write; invalid_argument for one
/// that is larger than `most` bytes.
outcome<std::optional<small_file>> read_own_file(const std::filesystem::path& path, std::size_t most,
                                                 file_stamp* known = nullptr);

/// Replaces it in one step (mode 0600); after a crash it is the old or the new one.
outcome<void> replace_file(const std::filesystem::path& path, std::string_view text);

} // namespace gestvenv
