// SPDX-License-Identifier: MIT
// Room on the disk that the journal has before it needs it, so that a full disk does not stop a cleanup.
//
// Two files grow. The write-ahead log is allocated to a size that any single write fits into; when it is used
// up, a checkpoint starts it over. The database keeps free pages that are allocated on the disk: creations
// leave a number of them alone and are refused when no more can be had, cleanups take them all. Hence every
// page that a checkpoint writes has its place already, and the log can always be started over.
//
// Allocation is fallocate(2). A file system without it (EOPNOTSUPP) gives no such promise, nor does one that
// copies on write (btrfs, zfs) for pages written before.
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/sqlite.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <string>

namespace gestvenv::journal_space {

/// Bytes of the write-ahead log: 96 pages with their headers.
inline constexpr std::int64_t log_size = 96 * (4096 + 24);

/// Rows that one transaction of a cleanup touches at most, each on a page of its own at worst.
inline constexpr std::size_t rows_per_cleanup = 64;

/// Free pages left by a write that makes something, and by one that ends something.
inline constexpr std::int64_t kept_by_creations = 32;
inline constexpr std::int64_t kept_by_cleanups = 4;

/// Free pages that upkeep provides where it can, so that some hundred creations need not.
inline constexpr std::int64_t kept_by_upkeep = 160;

/// Free pages that an entry of `bytes` bytes may take beyond what is kept.
constexpr std::int64_t pages_for(std::size_t bytes) {
    return static_cast<std::int64_t>(bytes / 2048); // half a page each, generously
}

/// SQL that makes `pages` pages free, and a page or two more.
std::string filler_sql(std::int64_t pages);

/// Allocates the range, which may lie beyond the end of the file and then grows it. Where the file system cannot
/// allocate, the file grows all the same.
outcome<void> allocate(const descriptor& file, std::int64_t start, std::int64_t size);

/// Within a transaction: sees to it that `kept` free pages will be there, or fails with `storage_full`.
/// `file` is the database's. Growing costs about 0.3 ms, without a sync, once in some dozens of creations.
class free_pages {
public:
    static outcome<free_pages> open(sqlite::database& connection);
    outcome<void> ensure(sqlite::database& connection, const descriptor& file, std::int64_t kept);

private:
    sqlite::statement free_count_;
    sqlite::statement page_count_;
};

} // namespace gestvenv::journal_space
