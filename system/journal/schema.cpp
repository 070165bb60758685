// SPDX-License-Identifier: MIT
#include "system/journal/schema.hpp"

#include "system/journal/space.hpp"
#include "system/journal/sqlite.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <initializer_list>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

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

std::string young_name(const std::filesystem::path& path) {
    return path.string() + ".new";
}

} // namespace

outcome<void> prepare(const std::filesystem::path& path, const journal_contents& contents) {
    auto young = young_name(path);
    if (auto removed = remove_stale({young, young + "-wal", young + "-shm", young + "-journal"}); !removed)
        return removed;
    // Made here, for the mode: SQLite gives its companions the mode of the database.
    descriptor file{::open(young.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot create {}", young));
    file.reset();
    auto made = write_tables(young, contents).and_then([&] { return allocate(young); });
    if (!made)
        ::unlink(young.c_str()); // the error that counts is in `made`; the next attempt removes it too
    return made;
}

outcome<void> publish(const std::filesystem::path& path) {
    auto name = path.string();
    // A write-ahead log that is left of another file would be replayed into this one.
    if (auto removed = remove_stale({name + "-wal", name + "-shm", name + "-journal"}); !removed)
        return removed;
    if (::rename(young_name(path).c_str(), name.c_str()) != 0)
        return system_failure(errno, fmt::format("cannot rename {}", young_name(path)));
    return {};
}

} // namespace gestvenv::journal_schema
