// SPDX-License-Identifier: MIT
#include "system/journal/space.hpp"

#include "system/journal/schema.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::journal_space {

namespace {

/// Enough for some dozens of creations; with what is kept it fits into the log.
constexpr std::int64_t pages_per_growth = 32;

/// Whether the range was allocated: false where the file system cannot.
outcome<bool> allocate_range(const descriptor& file, int mode, std::int64_t start, std::int64_t size) {
    int status = 0;
    do
        status = ::fallocate(file.get(), mode, start, size);
    while (status != 0 && errno == EINTR);
    if (status == 0)
        return true;
    if (errno == EOPNOTSUPP || errno == ENOSYS)
        return false;
    if (errno == ENOSPC || errno == EDQUOT)
        return failure(error_code::storage_full, "there is no space left for the journal",
                       "free some space on the disk of the state folder");
    return system_failure(errno, "cannot allocate space for the journal");
}

outcome<std::int64_t> single_number(sqlite::statement& query) {
    auto row = query.step();
    if (!row)
        return failure(std::move(row).error());
    auto value = *row ? query.integer(0) : 0;
    query.reset();
    return value;
}

} // namespace

std::string filler_sql(std::int64_t pages) {
    return fmt::format("INSERT INTO space VALUES(1, zeroblob({})); DELETE FROM space",
                       pages * journal_schema::page_size);
}

// Without the blocks the size still has to be right: the journal's first page says how many pages there are.
outcome<void> allocate(const descriptor& file, std::int64_t start, std::int64_t size) {
    auto allocated = allocate_range(file, 0, start, size);
    if (!allocated)
        return failure(std::move(allocated).error());
    if (*allocated)
        return {};
    struct stat present {};
    if (::fstat(file.get(), &present) != 0 ||
        (present.st_size < start + size && ::ftruncate(file.get(), start + size) != 0))
        return system_failure(errno, "cannot set the size of the journal");
    return {};
}

outcome<free_pages> free_pages::open(sqlite::database& connection) {
    free_pages result;
    auto free_count = connection.prepare("PRAGMA freelist_count");
    if (!free_count)
        return failure(std::move(free_count).error());
    auto page_count = connection.prepare("PRAGMA page_count");
    if (!page_count)
        return failure(std::move(page_count).error());
    result.free_count_ = std::move(*free_count);
    result.page_count_ = std::move(*page_count);
    return result;
}

outcome<void> free_pages::ensure(sqlite::database& connection, const descriptor& file, std::int64_t kept) {
    auto available = single_number(free_count_);
    if (!available)
        return failure(std::move(available).error());
    if (*available >= kept)
        return {};
    auto pages = single_number(page_count_);
    if (!pages)
        return failure(std::move(pages).error());
    // Beyond the end of the file, whose size stays: SQLite takes the size for the number of pages. The next
    // checkpoint sets the size to what the filler below makes of it, with these blocks beneath. (A checkpoint
    // also gives back whatever is allocated beyond the last page, so nothing can be kept there for long.) Two
    // pages are for the filler's own row and for the list of free pages. The filler takes the free pages
    // first, and grows the file only by what it needs beyond those.
    auto added = std::max(pages_per_growth, kept - *available);
    auto start = *pages * journal_schema::page_size;
    auto size = (added + 2) * journal_schema::page_size;
    if (auto allocated = allocate_range(file, FALLOC_FL_KEEP_SIZE, start, size); !allocated)
        return failure(std::move(allocated).error());
    return connection.execute(filler_sql(*available + added).c_str());
}

} // namespace gestvenv::journal_space
