// SPDX-License-Identifier: MIT
// The open file behind a journal: connection, prepared statements, transactions, upkeep. Private to the
// journal.
#pragma once

#include "messages/outcome.hpp"
#include "system/journal/journal.hpp"
#include "system/journal/space.hpp"
#include "system/journal/sqlite.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace gestvenv {

struct journal::state {
    /// What came of opening: a state, or an error, which may be damage that a new file can heal.
    struct attempt {
        std::unique_ptr<state> opened;
        error problem;
        bool damaged = false;
    };

    /// `young`: the file has just been made, and there is nothing in it that a sync would protect.
    static attempt open(const std::filesystem::path& path, bool young);

    /// Runs `body` in a transaction. `kept`: how many free pages there must be first. When the log is full it
    /// is started over and the body run again.
    outcome<void> write(std::int64_t kept, const std::function<outcome<void>()>& body);

    /// Moves the log into the database, so that the next write starts it over. Waits for the disk.
    outcome<void> start_log_over();
    outcome<void> forget_old_ends();
    /// Allocates the log up to its reserved size.
    outcome<void> reserve_log();

    /// Fails in a forked child.
    outcome<void> check_owner() const;

    // In this order: closing any descriptor of the file would drop SQLite's locks on it (fcntl(2), "Record
    // locking"), so ours is closed last; statements go before their connection.
    std::filesystem::path path;
    descriptor file;
    sqlite::database connection;
    sqlite::statement begin;
    sqlite::statement commit;
    sqlite::statement rollback;
    sqlite::statement insert_resource;
    sqlite::statement update_resource;
    sqlite::statement delete_resource;
    sqlite::statement upsert_environment;
    sqlite::statement end_environment;
    sqlite::statement delete_ended;
    sqlite::statement trim_ended;
    sqlite::statement count_resources;
    journal_space::free_pages space;

    pid_t owner = -1;
    std::int64_t next_id = 0;
    /// Pages in the log after the last commit.
    int log_pages = 0;
    std::chrono::microseconds last_forgetting{0};
    int ends_since_forgetting = 0;
    std::optional<journal_damage> damage;

private:
    outcome<void> configure(bool young);
    /// Sets `damaged` when what it finds is no sound journal.
    outcome<void> examine(bool& damaged, bool young);
    outcome<void> prepare();
    outcome<void> begin_epoch();
    outcome<void> try_write(std::int64_t kept, const std::function<outcome<void>()>& body, bool& log_full);
};

} // namespace gestvenv
