// SPDX-License-Identifier: MIT
// The journal's file: what is in it, and how a new one comes to be.
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/journal_contents.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gestvenv::journal_schema {

/// Raised with every change of tables, or of what a column may hold; not for a new kind of resource, which
/// older versions leave alone (resource_kinds.hpp). A file of a higher format is left alone as a whole.
inline constexpr std::int64_t format = 1;

inline constexpr std::string_view file_name = "journal.db";
inline constexpr std::int64_t page_size = 4096;

/// Pages that are free in a new file: twice what creations leave alone (system/journal/space.hpp).
inline constexpr std::int64_t initial_free_pages = 64;

/// A resource's id: above these bits the epoch, which counts how often the journal was opened, and in them a
/// counter.
inline constexpr int id_bits_of_counter = 32;

/// Makes a new journal beside the place of `path`, with `contents` in it and its space allocated; replaces
/// what an interrupted attempt left, and takes over the space of what set_aside_for_next() left. Nothing is
/// synced: a power loss may damage a journal this young, and what it knew.
outcome<void> prepare(const std::filesystem::path& path, const journal_contents& contents);

/// Makes `file`, a new journal with `contents` in it and its space allocated, by SQLite alone.
outcome<void> make_by_sqlite(const std::string& file, const journal_contents& contents);

/// Makes a journal at `path`, in which nothing is needed any more and which is closed, the space of the next one there.
outcome<void> set_aside_for_next(const std::filesystem::path& path);

/// Puts what was prepared into its place, where nothing may be.
outcome<void> publish(const std::filesystem::path& path);

} // namespace gestvenv::journal_schema
