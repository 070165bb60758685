// SPDX-License-Identifier: MIT
#include "system/journal/journal.hpp"

#include "tests/support/fault_hook.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace gestvenv;
using test::temporary_folder;

namespace {

std::filesystem::path file_of(const temporary_folder& folder) {
    return folder.path() / "journal.db";
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void execute(const temporary_folder& folder, const char* sql) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(file_of(folder).c_str(), &connection) == SQLITE_OK);
    CHECK(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(connection) == SQLITE_OK);
}

/// A journal of 200 resources and as many ends, all of it in the database file itself.
void fill(const temporary_folder& folder) {
    {
        auto book = journal::open(folder.path());
        REQUIRE(book);
        for (int number = 0; number < 200; ++number) {
            auto id = "environment-" + std::to_string(number);
            std::vector<resource_record> records{
                {"storage_folder", {{"path", "/storage/" + id}, {"filler", std::string(200, 'x')}}}};
            REQUIRE(book->intend(id, records));
            REQUIRE(
                book->environment_ended(id, cleanup_reason::requested, {{"filler", std::string(200, 'x')}}));
        }
    }
    execute(folder, "PRAGMA wal_checkpoint(TRUNCATE)");
}

void overwrite(const temporary_folder& folder, std::streamoff start, std::size_t size) {
    std::fstream file{file_of(folder), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(start);
    file << std::string(size, '\x5A');
    REQUIRE(file.good());
}

/// Opens a damaged journal, which must work, and checks what does not depend on the damage.
journal opened_despite_damage(const temporary_folder& folder) {
    auto before = content_of(file_of(folder));
    auto book = journal::open(folder.path());
    if (!book)
        FAIL(render(book.error()));
    REQUIRE(book->damage());
    CHECK_FALSE(book->damage()->what.empty());
    CHECK(content_of(book->damage()->set_aside) == before);
    CHECK(book->damage()->resources == book->unfinished()->size());
    std::vector<resource_record> records{{"cgroup", nlohmann::json::object()}};
    auto given = book->intend("after", records);
    REQUIRE(given);
    CHECK(book->done(*given));
    return std::move(*book);
}

} // namespace

TEST_CASE("a journal with a damaged page is replaced by one with all that stands in the other pages") {
    temporary_folder folder;
    fill(folder);
    // Which page belongs to which table is SQLite's affair: one after the other is damaged in a copy.
    auto original = content_of(file_of(folder));
    std::size_t least_kept = 200;
    int damaged = 0;
    for (std::size_t page = 1; page < original.size() / 4096; page += 3) {
        temporary_folder copy;
        std::ofstream{file_of(copy), std::ios::binary} << original;
        overwrite(copy, static_cast<std::streamoff>(page * 4096), 4096);
        auto book = journal::open(copy.path());
        REQUIRE(book);
        if (!book->damage()) // a free page
            continue;
        ++damaged;
        auto left = book->unfinished();
        REQUIRE(left);
        for (const auto& resource : *left)
            CHECK(resource.detail["path"] == "/storage/" + resource.environment_id);
        if (!left->empty())
            least_kept = std::min(least_kept, left->size());
    }
    CHECK(damaged > 10);
    CHECK(least_kept > 150);
}

TEST_CASE("a truncated journal is replaced by one with what is left") {
    temporary_folder folder;
    fill(folder);
    std::filesystem::resize_file(file_of(folder),
                                 std::filesystem::file_size(file_of(folder)) / 2 / 4096 * 4096);
    auto book = opened_despite_damage(folder);
    CHECK_FALSE(book.unfinished()->empty());
}

TEST_CASE("a journal whose beginning is garbled is replaced by one with all that stands behind it") {
    temporary_folder folder;
    fill(folder);
    overwrite(folder, 0, 4096);
    auto book = opened_despite_damage(folder);
    CHECK(book.damage()->set_aside.filename() == "journal.db.damaged-1");
    CHECK(book.unfinished()->size() == 200);
    CHECK(book.receipts()->size() == 200);
    for (const auto& entry : std::filesystem::directory_iterator{folder.path()})
        CHECK(entry.path().filename().string().find("rescue") == std::string::npos);
}

TEST_CASE("a garbled journal with all of its entries in the log is replaced by one with all of them") {
    temporary_folder folder;
    {
        auto book = journal::open(folder.path());
        REQUIRE(book->intend("a", std::vector<resource_record>(5, {"keeper", nlohmann::json::object()})));
    }
    overwrite(folder, 0, 4096);
    CHECK(opened_despite_damage(folder).unfinished()->size() == 5);
}

TEST_CASE("what was set aside keeps the folder for a week") {
    temporary_folder folder;
    std::ofstream{file_of(folder)} << "this is not a database";
    auto book = opened_despite_damage(folder);
    CHECK_FALSE(*book.disposable());
    std::filesystem::last_write_time(book.damage()->set_aside, std::filesystem::file_time_type::clock::now() -
                                                                   journal::damage_retention -
                                                                   std::chrono::hours{1});
    CHECK(*book.disposable());
}

TEST_CASE("an empty file and one that is no database are set aside, each under a name of its own") {
    temporary_folder folder;
    std::ofstream{file_of(folder)};
    CHECK(opened_despite_damage(folder).damage()->set_aside.filename() == "journal.db.damaged-1");
    std::ofstream{file_of(folder)} << "this is not a database, however long one looks at it";
    CHECK(opened_despite_damage(folder).damage()->set_aside.filename() == "journal.db.damaged-2");
}

TEST_CASE("an entry that makes no sense is damage too, and the others are kept") {
    temporary_folder folder;
    fill(folder);
    execute(folder, "UPDATE resources SET detail = '{' WHERE environment_id = 'environment-7';"
                    "UPDATE resources SET kind = 'No kind!' WHERE environment_id = 'environment-8';"
                    "UPDATE environments SET cause = 'unheard_of' WHERE id = 'environment-9'");
    auto book = opened_despite_damage(folder);
    CHECK(book.unfinished()->size() == 198);
    CHECK(book.receipts()->size() == 199);
}

TEST_CASE("an entry of a kind that is not known here is no damage, and a damaged journal keeps it") {
    temporary_folder folder;
    fill(folder);
    const bool damaged = GENERATE(false, true);
    execute(folder, "UPDATE resources SET kind = 'unheard_of' WHERE environment_id = 'environment-8'");
    if (damaged)
        execute(folder, "DROP TABLE meta");
    auto book = journal::open(folder.path());
    REQUIRE(book);
    CHECK(book->damage().has_value() == damaged);
    auto left = book->unfinished();
    REQUIRE(left);
    CHECK(left->size() == 200);
    CHECK(std::count_if(left->begin(), left->end(), [](const auto& item) {
              return item.kind == "unheard_of" && item.detail["path"] == "/storage/environment-8";
          }) == 1);
}

TEST_CASE("what is carried over keeps its ids, and new ones do not repeat them") {
    temporary_folder folder;
    fill(folder);
    std::vector<resource_id> before;
    {
        auto book = journal::open(folder.path());
        auto left = book->unfinished();
        for (const auto& resource : *left)
            before.push_back(resource.id);
    }
    execute(folder, "DROP TABLE meta");
    auto book = opened_despite_damage(folder);
    std::vector<resource_id> after;
    auto left = book.unfinished();
    for (const auto& resource : *left)
        after.push_back(resource.id);
    CHECK(after == before);
    std::vector<resource_record> records{{"cgroup", nlohmann::json::object()}};
    auto given = book.intend("after", records);
    REQUIRE(given);
    CHECK(given->front() > before.front());
    CHECK(book.done(before));
    CHECK(book.unfinished()->size() == 1);
}

TEST_CASE("a journal that a newer version wrote is refused and left alone") {
    temporary_folder folder;
    fill(folder);
    execute(folder, "PRAGMA user_version = 1000; PRAGMA wal_checkpoint(TRUNCATE)");
    auto before = content_of(file_of(folder));
    auto book = journal::open(folder.path());
    REQUIRE_FALSE(book);
    CHECK(book.error().message.find("newer version") != std::string::npos);
    CHECK(content_of(file_of(folder)) == before);
}

TEST_CASE("a log with a garbled end costs what is behind the damage, not the journal") {
    temporary_folder folder;
    {
        auto book = journal::open(folder.path());
        REQUIRE(book);
        for (int number = 0; number < 10; ++number)
            REQUIRE(book->intend("a", std::vector<resource_record>{{"keeper", {{"pid", number}}}}));
    }
    std::fstream log{folder.path() / "journal.db-wal", std::ios::in | std::ios::out | std::ios::binary};
    log.seekp(32 + 6 * (4096 + 24)); // the epoch and five intents stand before it, each at least one page
    log << std::string(20000, '\x5A');
    log.close();
    auto book = journal::open(folder.path());
    REQUIRE(book);
    CHECK_FALSE(book->damage());
    CHECK_FALSE(book->unfinished()->empty());
    CHECK(book->unfinished()->size() < 10);
}

TEST_CASE(
    "a journal that turns out damaged when it has just been made is an error, and nothing is set aside") {
    temporary_folder folder;
    {
        test::fault_hook damage{"journal: has been made", [&] { overwrite(folder, 0, 4096); }};
        auto book = journal::open(folder.path());
        REQUIRE_FALSE(book);
        CHECK(book.error().code == error_code::journal_failed);
    }
    for (const auto& entry : std::filesystem::directory_iterator{folder.path()})
        CHECK(entry.path().filename().string().find("damaged") == std::string::npos);
}
