// SPDX-License-Identifier: MIT
#include "system/journal/journal_state.hpp"

#include "system/journal/boot.hpp"
#include "system/journal/schema.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

/// At which a write does what `maintain` was not called to do. Well below 4062, where the index of the log
/// would need a second block of 32 KiB.
constexpr int log_pages_at_most = 2000;

std::int64_t now() {
    return std::chrono::duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

int note_log_pages(void* target, sqlite3*, const char*, int pages) {
    *static_cast<int*>(target) = pages;
    return SQLITE_OK;
}

/// The file itself, which must be an ordinary one of ours.
outcome<descriptor> open_file(const std::string& name) {
    descriptor file{::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
    if (!file)
        return system_failure(errno, fmt::format("cannot open {}", name));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return system_failure(errno, fmt::format("cannot examine {}", name));
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
        return failure(error_code::permission_denied, fmt::format("{} is not a file of this user's", name));
    return file;
}

} // namespace

journal::state::attempt journal::state::open(const std::filesystem::path& path, bool young) {
    attempt result;
    auto made = std::make_unique<state>();
    auto fail = [&](error problem) {
        result.problem = std::move(problem);
        return std::move(result);
    };
    made->path = path;
    made->owner = ::getpid();
    auto file = open_file(path.string());
    if (!file)
        return fail(std::move(file).error());
    made->file = std::move(*file);
    auto connection = sqlite::database::open(path.string(), SQLITE_OPEN_READWRITE);
    if (!connection)
        return fail(std::move(connection).error());
    made->connection = std::move(*connection);
    auto ready = made->configure(young)
                     .and_then([&] { return made->examine(result.damaged, young); })
                     .and_then([&] { return made->prepare(); })
                     .and_then([&] { return made->begin_epoch(); })
                     .and_then([&] { return made->connection.execute("PRAGMA synchronous = NORMAL"); })
                     .and_then([&] { return made->reserve_log(); });
    if (!ready) {
        result.damaged = result.damaged || sqlite::is_damage(made->connection);
        return fail(std::move(ready).error());
    }
    result.opened = std::move(made);
    return result;
}

outcome<void> journal::state::configure(bool young) {
    // Closing neither removes the log, whose space is allocated, nor waits for the disk.
    int persist = 1;
    sqlite3_file_control(connection.get(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    sqlite3_db_config(connection.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // Debian builds SQLite to overwrite what is deleted; the journal holds no secrets, and that costs page
    // writes.
    // Alone with the file, SQLite keeps the index of the log in memory. In a file, which it maps, a full disk
    // can make the index a fatal signal (sqlite.org/wal.html, "Use of WAL Without Shared-Memory"). It must be
    // said first: most of the others read the file.
    auto set =
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            .and_then([&] {
                return connection.execute(young ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL");
            })
            .and_then([&] {
                return connection.execute("PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"
                                          "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
            });
    // Takes the place of SQLite's own hook, which would move the log into the database within any commit.
    sqlite3_wal_hook(connection.get(), note_log_pages, &log_pages);
    return set;
}

outcome<void> journal::state::examine(bool& damaged, bool young) {
    auto version = connection.query_text("PRAGMA user_version");
    if (!version)
        return failure(std::move(version).error());
    if (std::atoll(version->c_str()) > journal_schema::format)
        return failure(error_code::journal_failed,
                       fmt::format("{} was written by a newer version of GestVenv", path.string()),
                       "use that version to clean up what it left");
    // One that was made this moment is read once, so that it fails here and nowhere behind, if it does.
    auto verdict = young ? outcome<std::string>{"ok"} : connection.query_text("PRAGMA quick_check(1)");
    if (!verdict)
        return failure(std::move(verdict).error());
    if (*version != std::to_string(journal_schema::format) || *verdict != "ok") {
        damaged = true;
        return failure(error_code::journal_failed, *verdict != "ok" ? *verdict : "it is not a journal");
    }
    auto contents = read_contents(connection).and_then([&](const journal_contents&) {
        return connection.query_text("SELECT value FROM meta WHERE key = 'epoch'");
    });
    if (contents)
        return {};
    // An entry has been garbled or a table is missing; SQLite itself reports no more than bad SQL, if that.
    // What is left is trouble with the machine, which a new file would not heal.
    int code = sqlite3_errcode(connection.get()) & 0xFF;
    damaged = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_ERROR;
    return failure(std::move(contents).error());
}

outcome<void> journal::state::prepare() {
    const std::array<std::pair<sqlite::statement*, std::string_view>, 11> statements{{
        {&begin, "BEGIN IMMEDIATE"},
        {&commit, "COMMIT"},
        {&rollback, "ROLLBACK"},
        {&insert_resource, "INSERT INTO resources VALUES(?, ?, ?, ?, ?, ?)"},
        {&update_resource, "UPDATE resources SET detail = ? WHERE id = ?"},
        {&delete_resource, "DELETE FROM resources WHERE id = ?"},
        {&upsert_environment, "INSERT INTO environments(id, info, started_at) VALUES(?, ?, ?) "
                              "ON CONFLICT(id) DO UPDATE SET info = excluded.info"},
        {&end_environment,
         "INSERT INTO environments VALUES(?1, '{}', ?2, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO UPDATE SET "
         "ended_at = ?2, boot_id = ?3, ended_since_boot = ?4, cause = ?5, receipt = ?6"},
        // By a clock that cannot be set, as long as it is the same boot.
        {&delete_ended,
         "DELETE FROM environments WHERE ended_at IS NOT NULL AND CASE WHEN boot_id = ?1 AND boot_id <> '' "
         "THEN ended_since_boot <= ?2 ELSE ended_at <= ?3 END"},
        {&trim_ended,
         "DELETE FROM environments WHERE id IN (SELECT id FROM environments WHERE ended_at IS NOT "
         "NULL ORDER BY ended_at DESC LIMIT -1 OFFSET ?1)"},
        {&count_resources, "SELECT count(*) FROM resources"},
    }};
    for (const auto& [target, sql] : statements) {
        auto prepared = connection.prepare(sql);
        if (!prepared)
            return failure(std::move(prepared).error());
        *target = std::move(*prepared);
    }
    auto pages = journal_space::free_pages::open(connection);
    if (!pages)
        return failure(std::move(pages).error());
    space = std::move(*pages);
    return {};
}

outcome<void> journal::state::begin_epoch() {
    auto increase = connection.prepare("INSERT INTO meta VALUES('epoch', 1) "
                                       "ON CONFLICT(key) DO UPDATE SET value = value + 1");
    auto note = connection.prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)");
    if (!increase || !note)
        return failure(std::move(increase ? note : increase).error());
    auto written = write(0, [&]() -> outcome<void> {
        return increase->run()
            .and_then([&] { return note->bind(1, "boot_id").bind(2, boot_id()).run(); })
            .and_then([&] { return note->bind(1, "pid").bind(2, std::int64_t{owner}).run(); })
            .and_then([&] { return note->bind(1, "opened_at").bind(2, now()).run(); });
    });
    if (!written)
        return written;
    auto epoch = connection.query_text("SELECT value FROM meta WHERE key = 'epoch'");
    if (!epoch)
        return failure(std::move(epoch).error());
    next_id = (std::atoll(epoch->c_str()) << journal_schema::id_bits_of_counter) + 1;
    return {};
}

outcome<void> journal::state::check_owner() const {
    if (::getpid() == owner)
        return {};
    return failure(error_code::journal_failed, "a journal cannot be used in a forked child");
}

outcome<void> journal::state::write(std::int64_t kept, const std::function<outcome<void>()>& body) {
    if (auto good = check_owner(); !good)
        return good;
    bool log_full = false;
    auto written = try_write(kept, body, log_full);
    if (!written && log_full)
        // A failure to start over is the cause of the second failure, which says the same.
        if (start_log_over())
            written = try_write(kept, body, log_full);
    if (written && log_pages > log_pages_at_most)
        // The write is done; if this fails, the next one tries again.
        static_cast<void>(start_log_over());
    return written;
}

outcome<void> journal::state::try_write(std::int64_t kept, const std::function<outcome<void>()>& body,
                                        bool& log_full) {
    /// Ends the transaction however this function is left.
    struct rollback_guard {
        state& self;
        ~rollback_guard() {
            if (self.connection.in_transaction())
                // Nothing can be done about a failure here; SQLite rolls back by itself at the next use.
                static_cast<void>(self.rollback.run());
        }
    } guard{*this};
    auto written = begin.run()
                       .and_then([&]() -> outcome<void> {
                           return kept == 0 ? outcome<void>{} : space.ensure(connection, file, kept);
                       })
                       .and_then(body)
                       .and_then([&] { return commit.run(); });
    int code = sqlite3_errcode(connection.get()) & 0xFF;
    log_full = !written && written.error().code == error_code::storage_full &&
               (code == SQLITE_FULL || code == SQLITE_IOERR);
    return written;
}

outcome<void> journal::state::start_log_over() {
    // RESTART copies the whole log and makes the next writer begin at its start. That writer would sync the
    // log's new header first (sqlite.org/walformat.html): better here than in a call that a caller waits for.
    if (sqlite3_wal_checkpoint_v2(connection.get(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) !=
        SQLITE_OK)
        return sqlite::last_error(connection.get(), "the journal's log cannot be moved into the database");
    return connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'log_starts'");
}

outcome<void> journal::state::forget_old_ends() {
    auto age_limit = std::chrono::duration_cast<microseconds>(retention).count();
    auto since_boot = time_since_boot();
    auto forgotten = write(0, [&] {
        delete_ended.bind(1, boot_id()).bind(2, since_boot.count() - age_limit);
        if (auto old = delete_ended.bind(3, now() - age_limit).run(); !old)
            return old;
        return trim_ended.bind(1, std::int64_t{most_ends}).run();
    });
    if (forgotten) {
        last_forgetting = since_boot;
        ends_since_forgetting = 0;
    }
    return forgotten;
}

outcome<void> journal::state::reserve_log() {
    auto name = path.string() + "-wal";
    // SQLite locks the database, never the log: this descriptor may come and go.
    descriptor log{::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
    if (!log)
        return system_failure(errno, fmt::format("cannot open {}", name));
    struct stat status {};
    if (::fstat(log.get(), &status) != 0)
        return system_failure(errno, fmt::format("cannot examine {}", name));
    constexpr std::int64_t block = 512; // stat(2), st_blocks; fewer than its size where there are holes
    if (status.st_size >= journal_space::log_size && status.st_blocks * block >= journal_space::log_size)
        return {};
    // What follows the last valid entry is ignored: zeros are no valid entry.
    return journal_space::allocate(log, 0, journal_space::log_size);
}

} // namespace gestvenv
