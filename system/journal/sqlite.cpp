// SPDX-License-Identifier: MIT
#include "system/journal/sqlite.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace gestvenv::sqlite {

tl::unexpected<error> last_error(sqlite3* connection, std::string_view what) {
    int code = sqlite3_errcode(connection) & 0xFF; // the primary code: sqlite.org/rescode.html
    int cause = sqlite3_system_errno(connection);
    bool failed_in_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_FULL;
    auto message = fmt::format("{}: {}", what, sqlite3_errmsg(connection));
    if (code == SQLITE_FULL || (failed_in_system && (cause == ENOSPC || cause == EDQUOT)))
        return failure(error_code::storage_full, std::move(message),
                       "free some space on the disk of the state folder");
    if (code == SQLITE_PERM || code == SQLITE_READONLY ||
        (failed_in_system && (cause == EACCES || cause == EPERM)))
        return failure(error_code::permission_denied, std::move(message));
    return failure(error_code::journal_failed, std::move(message));
}

bool is_damage(const database& connection) noexcept {
    int code = sqlite3_errcode(connection.get()) & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

statement& statement::bind(int parameter, std::int64_t value) {
    bind_status_ |= sqlite3_bind_int64(pointer_.get(), parameter, value);
    return *this;
}

statement& statement::bind(int parameter, std::string_view value) {
    bind_status_ |=
        sqlite3_bind_text64(pointer_.get(), parameter, value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

statement& statement::bind_null(int parameter) {
    bind_status_ |= sqlite3_bind_null(pointer_.get(), parameter);
    return *this;
}

outcome<bool> statement::step() {
    auto* connection = sqlite3_db_handle(pointer_.get());
    if (bind_status_ != SQLITE_OK) {
        reset();
        return failure(error_code::journal_failed, "a value is too large for the journal");
    }
    int status = sqlite3_step(pointer_.get());
    if (status == SQLITE_ROW)
        return true;
    if (status == SQLITE_DONE)
        return false;
    auto problem = last_error(connection, "the journal failed");
    reset();
    return problem;
}

outcome<void> statement::run() {
    for (;;) {
        auto more = step();
        if (!more)
            return failure(std::move(more).error());
        if (!*more)
            break;
    }
    reset();
    return {};
}

void statement::reset() noexcept {
    // Their status repeats the error of the last step, which has been reported.
    sqlite3_reset(pointer_.get());
    sqlite3_clear_bindings(pointer_.get());
    bind_status_ = SQLITE_OK;
}

std::int64_t statement::integer(int column) const noexcept {
    return sqlite3_column_int64(pointer_.get(), column);
}

std::string statement::text(int column) const {
    const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(pointer_.get(), column));
    if (start == nullptr)
        return {};
    return {start, static_cast<std::size_t>(sqlite3_column_bytes(pointer_.get(), column))};
}

bool statement::is_null(int column) const noexcept {
    return sqlite3_column_type(pointer_.get(), column) == SQLITE_NULL;
}

outcome<database> database::open(const std::string& path, int flags) {
    database result;
    sqlite3* pointer = nullptr;
    int status =
        sqlite3_open_v2(path.c_str(), &pointer, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    result.pointer_.reset(pointer); // to be closed even after a failure
    if (pointer == nullptr)
        return failure(error_code::journal_failed, "there is no memory for the journal");
    if (status != SQLITE_OK)
        return last_error(pointer, fmt::format("cannot open {}", path));
    sqlite3_busy_timeout(pointer, wait_limit_milliseconds);
    return result;
}

outcome<void> database::execute(const char* sql) {
    if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return last_error(get(), "the journal failed");
    return {};
}

outcome<statement> database::prepare(std::string_view sql) {
    statement result;
    sqlite3_stmt* pointer = nullptr;
    int status = sqlite3_prepare_v3(get(), sql.data(), static_cast<int>(sql.size()),
                                    SQLITE_PREPARE_PERSISTENT, &pointer, nullptr);
    result.pointer_.reset(pointer);
    if (status != SQLITE_OK)
        return last_error(get(), "the journal failed");
    return result;
}

outcome<std::string> database::query_text(std::string_view sql) {
    auto query = prepare(sql);
    if (!query)
        return failure(std::move(query).error());
    auto row = query->step();
    if (!row)
        return failure(std::move(row).error());
    return *row ? query->text(0) : std::string{};
}

} // namespace gestvenv::sqlite
