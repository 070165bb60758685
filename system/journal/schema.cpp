// SPDX-License-Identifier: MIT
#include "system/journal/schema.hpp"

#include "system/journal/space.hpp"
#include "system/journal/sqlite.hpp"
#include "system/journal/young_image.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <initializer_list>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::journal_schema {

namespace {

// `resources` has no further index: it holds what lives now, every other access is by id, and each index
// costs a page in every commit. Rows of `environments` are small and found by id, so they live in the index
// itself.
constexpr auto tables = R"sql(
    CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE resources(
        id INTEGER PRIMARY KEY, environment_id TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
        boot_id TEXT NOT NULL, intended_at INTEGER NOT NULL);
    CREATE TABLE environments(
        id TEXT PRIMARY KEY, info TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, boot_id TEXT,
        ended_since_boot INTEGER, cause TEXT, receipt TEXT) WITHOUT ROWID;
    CREATE TABLE space(id INTEGER PRIMARY KEY, filler BLOB NOT NULL);
)sql";

std::int64_t to_number(std::chrono::system_clock::time_point when) {
    return std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
}

outcome<void> write_resources(sqlite::database& file, const std::vector<unfinished_resource>& rows) {
    auto insert = file.prepare("INSERT INTO resources VALUES(?, ?, ?, ?, ?, ?)");
    if (!insert)
        return failure(std::move(insert).error());
    for (const auto& row : rows) {
        auto detail = row.detail.dump();
        insert->bind(1, static_cast<std::int64_t>(row.id)).bind(2, row.environment_id).bind(3, row.kind);
        insert->bind(4, detail).bind(5, row.boot_id).bind(6, to_number(row.intended_at));
        if (auto written = insert->run(); !written)
            return written;
    }
    return {};
}

outcome<void> write_environments(sqlite::database& file, const std::vector<environment_entry>& rows) {
    auto insert = file.prepare("INSERT INTO environments VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return failure(std::move(insert).error());
    for (const auto& row : rows) {
        auto info = row.info.dump();
        insert->bind(1, row.id).bind(2, info).bind(3, to_number(row.started_at));
        auto receipt = row.end ? row.end->receipt.dump() : std::string{};
        if (row.end) // what is not bound is NULL
            insert->bind(4, to_number(row.end->at))
                .bind(5, row.end->boot_id)
                .bind(6, row.end->since_boot.count())
                .bind(7, to_string(row.end->cause))
                .bind(8, receipt);
        if (auto written = insert->run(); !written)
            return written;
    }
    return {};
}

/// The epoch that the ids of `rows` were given in (journal.cpp); a new one will begin above it.
std::int64_t epoch_of(const std::vector<unfinished_resource>& rows) {
    return rows.empty() ? 0 : static_cast<std::int64_t>(rows.front().id) >> id_bits_of_counter;
}

outcome<void> write_tables(const std::string& path, const journal_contents& contents) {
    auto file = sqlite::database::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!file)
        return failure(std::move(file).error());
    auto size = fmt::format("PRAGMA page_size = {}", page_size);
    auto numbers =
        fmt::format("PRAGMA user_version = {}; INSERT INTO meta VALUES('epoch', {}), ('log_starts', 0)",
                    format, epoch_of(contents.unfinished));
    auto free_pages = journal_space::filler_sql(initial_free_pages);
    // No other process knows this file yet: it needs no protection against a crash, only a good end.
    return file->execute(size.c_str())
        .and_then([&] {
            return file->execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
                                 "PRAGMA secure_delete = OFF; BEGIN");
        })
        .and_then([&] { return file->execute(tables); })
        .and_then([&] { return file->execute(numbers.c_str()); })
        .and_then([&] { return write_resources(*file, contents.unfinished); })
        .and_then([&] { return write_environments(*file, contents.environments); })
        .and_then([&] { return file->execute(free_pages.c_str()); })
        .and_then([&] { return file->execute("COMMIT; PRAGMA journal_mode = WAL"); });
}

/// Gives every page its place on the disk: free pages are holes otherwise.
outcome<void> allocate(const std::string& path) {
    descriptor file{::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
    if (!file)
        return system_failure(errno, fmt::format("cannot open {}", path));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return system_failure(errno, fmt::format("cannot examine {}", path));
    return journal_space::allocate(file, 0, status.st_size);
}

outcome<void> remove_stale(std::initializer_list<std::string> files) {
    for (const auto& file : files)
        if (::unlink(file.c_str()) != 0 && errno != ENOENT)
            return system_failure(errno, fmt::format("cannot remove {}", file));
    return {};
}

/// A file of an earlier journal whose space may be used again: ours alone, and as large as it has to be.
descriptor open_reusable(const std::string& name, std::int64_t least, std::int64_t most) {
    descriptor file{::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    const bool reusable = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
                          status.st_uid == ::geteuid() && (status.st_mode & 07777) == 0600 &&
                          status.st_nlink == 1 && status.st_size >= least && status.st_size <= most;
    return reusable ? std::move(file) : descriptor{};
}

/// Made here, for the mode: SQLite gives its companions the mode of the database.
outcome<descriptor> create(const std::string& name) {
    descriptor file{::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot create {}", name));
    return file;
}

/// One without contents.
outcome<void> make_young(const std::string& young) {
    auto file = open_reusable(young, young_image::file_size, young_image::file_size);
    if (!file) {
        if (auto removed = remove_stale({young}); !removed)
            return removed;
        auto created = create(young);
        if (!created)
            return failure(std::move(created).error());
        file = std::move(*created);
    }
    return young_image::write(file).and_then(
        [&] { return journal_space::allocate(file, 0, young_image::file_size); });
}

/// A write-ahead log that is left of another file would be replayed into a new one. One whose space is allocated stays,
/// without the header by which SQLite knows it.
outcome<void> invalidate_log(const std::string& name) {
    auto file = open_reusable(name, journal_space::log_size, journal_space::log_size * 2);
    constexpr std::array<char, 32> no_header{};
    constexpr auto size = static_cast<ssize_t>(no_header.size());
    if (file && ::pwrite(file.get(), no_header.data(), no_header.size(), 0) == size)
        return {};
    return remove_stale({name});
}

std::string young_name(const std::filesystem::path& path) {
    return path.string() + ".new";
}

} // namespace

outcome<void> make_by_sqlite(const std::string& file, const journal_contents& contents) {
    if (auto removed = remove_stale({file, file + "-wal", file + "-shm", file + "-journal"}); !removed)
        return removed;
    if (auto created = create(file); !created)
        return failure(std::move(created).error());
    return write_tables(file, contents).and_then([&] { return allocate(file); });
}

outcome<void> prepare(const std::filesystem::path& path, const journal_contents& contents) {
    auto young = young_name(path);
    const bool empty = contents.unfinished.empty() && contents.environments.empty();
    auto made = empty ? make_young(young) : make_by_sqlite(young, contents);
    if (!made)
        ::unlink(young.c_str()); // the error that counts is in `made`; the next attempt removes it too
    return made;
}

outcome<void> set_aside_for_next(const std::filesystem::path& path) {
    if (::rename(path.c_str(), young_name(path).c_str()) != 0)
        return system_failure(errno, fmt::format("cannot rename {}", path.string()));
    return {};
}

outcome<void> publish(const std::filesystem::path& path) {
    auto name = path.string();
    auto removed = invalidate_log(name + "-wal").and_then([&] {
        return remove_stale({name + "-shm", name + "-journal"});
    });
    if (!removed)
        return removed;
    if (::rename(young_name(path).c_str(), name.c_str()) != 0)
        return system_failure(errno, fmt::format("cannot rename {}", young_name(path)));
    return {};
}

} // namespace gestvenv::journal_schema
