// SPDX-License-Identifier: MIT
// Single files and folders in an environment's work folder. What its code has planted there never leads out of it and is
// never waited for: links are followed below the folder only, and of what is no regular file nothing is opened.
//
// All functions block. They take the open work folder, and paths that parts_of() has made.
#pragma once

#include "messages/outcome.hpp"
#include "net/files/contained_path.hpp"
#include "net/files/file_entry.hpp"
#include "net/files/file_workers.hpp"
#include "system/posix/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace gestvenv::files {

/// A regular file, open for reading, or a folder, open for its entries.
struct opened_path {
    descriptor what;
    struct stat facts {};

    bool is_folder() const noexcept { return S_ISDIR(facts.st_mode); }
    std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(facts.st_size); }
};

/// Errors: invalid_argument for what is neither.
outcome<opened_path> open_for_reading(const descriptor& work, const path_parts& path,
                                      links how = links::followed);

struct writing {
    mode_t mode = 0644;
    /// Whether missing folders are made.
    bool makes_parents = false;
};

/// `source` from its beginning to its end. A link in the file's place is replaced, not followed.
outcome<file_transfer> put_file(const descriptor& work, const path_parts& path, const descriptor& source,
                                const writing& how, const deadline& until);

/// A folder with everything below it.
outcome<void> remove(const descriptor& work, const path_parts& path);

/// At most `most` entries of a folder, with names behind that which `cursor` stands for.
outcome<file_page> list(const descriptor& work, const path_parts& path, std::string_view cursor,
                        std::size_t most, const deadline& until);

} // namespace gestvenv::files
