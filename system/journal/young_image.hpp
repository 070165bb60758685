// SPDX-License-Identifier: MIT
// A new journal as SQLite would make it, ready-made: that SQLite makes one takes longer than all else that a start of a
// runtime does by itself.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>

namespace gestvenv::young_image {

/// Size of the file: the pages in use, and journal_schema::initial_free_pages with what SQLite keeps beside them.
inline constexpr std::int64_t file_size = 69 * std::int64_t{4096};

/// The pages that are in use; the free ones behind them may hold anything.
std::string pages();

/// Writes the pages to an empty file, or over those of an earlier journal.
outcome<void> write(const descriptor& file);

} // namespace gestvenv::young_image
