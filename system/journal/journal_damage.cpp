// SPDX-License-Identifier: MIT
#include "system/journal/journal_damage.hpp"

#include "system/journal/journal_contents.hpp"
#include "system/journal/schema.hpp"
#include "system/journal/sqlite.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace gestvenv {

namespace {

constexpr int most_set_aside = 1000;

journal_contents salvage(const std::string& name) {
    auto connection = sqlite::database::open(name, SQLITE_OPEN_READWRITE);
    if (!connection)
        return {};
    // Closing must not write the log back into a file that is evidence now.
    sqlite3_db_config(connection->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // Makes SQLite read a file that is shorter than its header says. If even this fails, so will all that
    // follows.
    static_cast<void>(connection->execute("PRAGMA writable_schema = ON"));
    return salvage_contents(*connection);
}

/// Salvages from a copy that has the first page of a sound journal: where the tables begin is the same in
/// every journal. Nothing when the copy cannot be made.
journal_contents salvage_with_new_beginning(const std::filesystem::path& path) {
    auto rescue = path.string() + ".rescue";
    auto young = path.string() + ".new"; // made by prepare, made anew later
    std::error_code problem;
    journal_contents contents;
    if (journal_schema::prepare(path, {}) &&
        std::filesystem::copy_file(path, rescue, std::filesystem::copy_options::overwrite_existing,
                                   problem)) {
        // There may be no log.
        std::filesystem::copy_file(path.string() + "-wal", rescue + "-wal",
                                   std::filesystem::copy_options::overwrite_existing, problem);
        std::array<char, journal_schema::page_size> page{};
        std::ifstream from{young, std::ios::binary};
        std::fstream to{rescue, std::ios::in | std::ios::out | std::ios::binary};
        if (from.read(page.data(), page.size()) && to.write(page.data(), page.size()) && to.flush())
            contents = salvage(rescue);
    }
    for (const char* part : {"", "-wal", "-shm"})
        std::filesystem::remove(rescue + part, problem); // what stays is overwritten next time
    return contents;
}

bool is_free(const std::string& name) {
    struct stat status {};
    return ::lstat(name.c_str(), &status) != 0 && errno == ENOENT;
}

outcome<std::string> free_name(const std::string& name) {
    for (int number = 1; number <= most_set_aside; ++number) {
        auto candidate = fmt::format("{}.damaged-{}", name, number);
        if (is_free(candidate) && is_free(candidate + "-wal"))
            return candidate;
    }
    return failure(error_code::journal_failed,
                   fmt::format("there are {} damaged journals beside {}", most_set_aside, name),
                   "remove them");
}

/// The log goes first: with the old log beside it, a new database would be filled with the old one's pages.
outcome<void> move_aside(const std::string& name, const std::string& target) {
    for (const char* part : {"-wal", ""}) {
        auto from = name + part;
        if (::rename(from.c_str(), (target + part).c_str()) != 0 && errno != ENOENT)
            return system_failure(errno, fmt::format("cannot set {} aside", from));
    }
    return {};
}

} // namespace

outcome<journal_damage> replace_damaged_journal(const std::filesystem::path& path, std::string what) {
    auto contents = salvage(path.string());
    if (contents.unfinished.empty() && contents.environments.empty())
        contents = salvage_with_new_beginning(path);
    auto name = path.string();
    auto target = free_name(name);
    if (!target)
        return failure(std::move(target).error());
    auto replaced = journal_schema::prepare(path, contents)
                        .and_then([&] { return move_aside(name, *target); })
                        .and_then([&] { return journal_schema::publish(path); });
    if (!replaced)
        return failure(std::move(replaced).error());
    return journal_damage{*target, std::move(what), contents.unfinished.size(), contents.environments.size()};
}

} // namespace gestvenv
