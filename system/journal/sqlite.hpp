// SPDX-License-Identifier: MIT
// SQLite with owners and errors as values; no more of it than the journal uses. Not thread-safe: a database
// and its statements belong to one thread at a time (sqlite.org/threadsafe.html, "multi-thread").
#pragma once

#include "messages/outcome.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gestvenv::sqlite {

/// How long a call waits for another process wherever it has to.
inline constexpr int wait_limit_milliseconds = 1000;

/// A prepared statement. Parameters and columns are counted as in SQLite: from 1 and from 0.
class statement {
public:
    statement() = default;

    statement& bind(int parameter, std::int64_t value);
    /// The text is not copied: it must live until `run` or `reset`.
    statement& bind(int parameter, std::string_view value);
    statement& bind_null(int parameter);

    /// To the next row; false when there is none.
    outcome<bool> step();
    /// To the end, then ready to be bound again.
    outcome<void> run();
    void reset() noexcept;

    std::int64_t integer(int column) const noexcept;
    std::string text(int column) const;
    bool is_null(int column) const noexcept;

private:
    friend class database;
    struct finalizer {
        void operator()(sqlite3_stmt* pointer) const noexcept { sqlite3_finalize(pointer); }
    };
    std::unique_ptr<sqlite3_stmt, finalizer> pointer_;
    int bind_status_ = SQLITE_OK;
};

/// A connection. Must outlive its statements.
class database {
public:
    database() = default;

    /// `flags` as for sqlite3_open_v2; SQLITE_OPEN_NOMUTEX and extended error codes are added.
    static outcome<database> open(const std::string& path, int flags);

    outcome<void> execute(const char* sql);
    outcome<statement> prepare(std::string_view sql);

    /// The single value of a query such as `PRAGMA quick_check`.
    outcome<std::string> query_text(std::string_view sql);

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    std::int64_t changes() const noexcept { return sqlite3_changes(pointer_.get()); }
    bool in_transaction() const noexcept { return sqlite3_get_autocommit(pointer_.get()) == 0; }
    sqlite3* get() const noexcept { return pointer_.get(); }
    /// Gives the connection up without closing it.
    void leak() noexcept { static_cast<void>(pointer_.release()); }

private:
    struct closer {
        // v2: waits for statements that still exist instead of failing (sqlite.org/c3ref/close.html).
        void operator()(sqlite3* pointer) const noexcept { sqlite3_close_v2(pointer); }
    };
    std::unique_ptr<sqlite3, closer> pointer_;
};

/// Whether the last error of the connection says that the file is not a sound database.
bool is_damage(const database& connection) noexcept;

/// The last error of a connection as ours: `storage_full`, `permission_denied`, or `journal_failed`.
tl::unexpected<error> last_error(sqlite3* connection, std::string_view what);

} // namespace gestvenv::sqlite
