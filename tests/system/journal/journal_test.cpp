// SPDX-License-Identifier: MIT
#include "system/journal/journal.hpp"

#include "system/journal/boot.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/system/journal/child_process.hpp"
#include "tests/system/journal/journal_support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

using namespace gestvenv;
using test::opened;
using test::temporary_folder;
using test::three_records;

namespace {

using ids = std::vector<resource_id>;

/// Changes the journal behind its back.
void tamper(const temporary_folder& folder, const char* sql) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open((folder.path() / "journal.db").c_str(), &connection) == SQLITE_OK);
    CHECK(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(connection) == SQLITE_OK);
}

std::vector<std::string> names(const std::vector<environment_entry>& entries) {
    std::vector<std::string> result;
    for (const auto& entry : entries)
        result.push_back(entry.id);
    return result;
}

} // namespace

TEST_CASE("what is intended is unfinished, newest first, with all that was said about it") {
    temporary_folder folder;
    auto book = opened(folder);
    CHECK_FALSE(book.damage());
    auto given = book.intend("environment-1", three_records());
    REQUIRE(given);
    REQUIRE(given->size() == 3);
    auto left = book.unfinished();
    REQUIRE(left);
    REQUIRE(left->size() == 3);
    CHECK(left->front().id == given->back());
    CHECK(left->front().kind == "keeper");
    CHECK(left->back().kind == "storage_folder");
    CHECK(left->back().environment_id == "environment-1");
    CHECK(left->back().detail["path"] == "/somewhere");
    CHECK(left->back().boot_id == boot_id());
    CHECK(std::chrono::system_clock::now() - left->back().intended_at < std::chrono::minutes{1});
}

TEST_CASE("what cannot be the name of a kind is refused, and nothing of it is written") {
    temporary_folder folder;
    auto book = opened(folder);
    auto records = three_records();
    records.back().kind = GENERATE("", "Keeper", "a kind", "k\xff");
    auto given = book.intend("environment-1", records);
    REQUIRE_FALSE(given);
    CHECK(given.error().code == error_code::invalid_argument);
    CHECK(book.unfinished()->empty());
}

TEST_CASE("what is done is no longer unfinished, and done twice is no error") {
    temporary_folder folder;
    auto book = opened(folder);
    auto given = book.intend("a", three_records());
    REQUIRE(given);
    CHECK(book.done(std::span{*given}.last(2)));
    REQUIRE(book.unfinished()->size() == 1);
    CHECK(book.unfinished()->front().kind == "storage_folder");
    CHECK(book.done(*given));
    CHECK(book.done(*given));
    CHECK(book.unfinished()->empty());
    CHECK(book.done({}));
}

TEST_CASE("hundreds of ids are done in one call") {
    temporary_folder folder;
    auto book = opened(folder);
    ids all;
    for (int count = 0; count < 100; ++count) {
        auto given = book.intend("a", three_records());
        REQUIRE(given);
        all.insert(all.end(), given->begin(), given->end());
    }
    CHECK(book.done(all));
    CHECK(book.unfinished()->empty());
}

TEST_CASE("a resource is described anew once more is known") {
    temporary_folder folder;
    auto book = opened(folder);
    auto given = book.intend("a", three_records());
    REQUIRE(book.amend(given->back(), {{"pid", 4711}, {"start_time", 99}}));
    CHECK(book.unfinished()->front().detail["pid"] == 4711);
    REQUIRE(book.done(*given));
    auto late = book.amend(given->back(), {{"pid", 1}});
    REQUIRE_FALSE(late);
    CHECK(late.error().code == error_code::journal_failed);
}

TEST_CASE("an id is never given twice, not even after the journal was opened again") {
    temporary_folder folder;
    std::set<resource_id> seen;
    for (int round = 0; round < 3; ++round) {
        auto book = opened(folder);
        auto given = book.intend("a", three_records());
        REQUIRE(given);
        for (auto id : *given)
            CHECK(seen.insert(id).second);
        REQUIRE(book.done(*given));
    }
}

TEST_CASE("the journal knows after reopening what it knew before") {
    temporary_folder folder;
    {
        auto book = opened(folder);
        REQUIRE(book.intend("a", three_records()));
        REQUIRE(book.intend("", std::vector<resource_record>{{"cgroup", {{"folders", {"/x"}}}}}));
        REQUIRE(book.environment_started("a", {{"name", "first"}}));
    }
    auto book = opened(folder);
    CHECK_FALSE(book.damage());
    REQUIRE(book.unfinished()->size() == 4);
    CHECK(book.unfinished()->front().environment_id.empty());
    CHECK(book.living()->front().info["name"] == "first");
}

TEST_CASE("an end is kept with its cause and its receipt, for any process to read") {
    temporary_folder folder;
    auto book = opened(folder);
    REQUIRE(book.environment_started("a", {{"name", "first"}}));
    REQUIRE(book.environment_started("b", {{"name", "second"}}));
    REQUIRE(book.environment_started("b", {{"name", "second"}, {"status", "ready"}}));
    REQUIRE(book.environment_ended("a", cleanup_reason::ttl_expired, {{"processes_killed", 3}}));
    REQUIRE(book.environment_ended("never-started", cleanup_reason::failed_state, {{"residue", {"x"}}}));
    CHECK(names(*book.living()) == std::vector<std::string>{"b"});
    CHECK(book.living()->front().info["status"] == "ready");
    auto complaint = test::in_child([&]() -> std::string {
        auto seen = read_journal(folder.path());
        if (!seen)
            return render(seen.error());
        if (seen->environments.size() != 3)
            return "not three environments";
        for (const auto& entry : seen->environments) {
            if (entry.id == "a" &&
                (!entry.end || entry.end->cause != cleanup_reason::ttl_expired ||
                 entry.end->receipt["processes_killed"] != 3 || entry.info["name"] != "first"))
                return "a is not as it was written";
            if (entry.id == "b" && entry.end)
                return "b has an end";
        }
        return {};
    });
    CHECK(complaint.empty());
    REQUIRE(book.receipts()->size() == 2);
}

TEST_CASE("ends are kept for an hour, by a clock that cannot be set") {
    temporary_folder folder;
    {
        auto book = opened(folder);
        for (const char* id : {"fresh", "wall_clock_set_ahead", "old", "other_boot_old", "other_boot_fresh"})
            REQUIRE(book.environment_ended(id, cleanup_reason::requested, {}));
        REQUIRE(book.environment_started("living", {}));
    }
    tamper(folder,
           "UPDATE environments SET ended_at = ended_at - 86400000000 WHERE id = 'wall_clock_set_ahead';"
           "UPDATE environments SET ended_since_boot = ended_since_boot - 3601000000 WHERE id = 'old';"
           "UPDATE environments SET boot_id = 'other' WHERE id LIKE 'other%';"
           "UPDATE environments SET ended_at = ended_at - 3601000000 WHERE id = 'other_boot_old'");
    auto book = opened(folder);
    CHECK(book.receipts()->size() == 5);
    REQUIRE(book.maintain());
    auto kept = names(*book.receipts());
    CHECK(std::set<std::string>(kept.begin(), kept.end()) ==
          std::set<std::string>{"fresh", "wall_clock_set_ahead", "other_boot_fresh"});
    CHECK(names(*book.living()) == std::vector<std::string>{"living"});
}

TEST_CASE("the folder may go once nothing is unfinished") {
    temporary_folder folder;
    auto book = opened(folder);
    CHECK(*book.disposable());
    auto given = book.intend("a", three_records());
    CHECK_FALSE(*book.disposable());
    REQUIRE(book.done(*given));
    CHECK(*book.disposable());
}

TEST_CASE("ends that the archive has are taken out, and what lives stays") {
    temporary_folder folder;
    auto book = opened(folder);
    REQUIRE(book.environment_started("alive", {{"name", "a"}}));
    REQUIRE(book.environment_started("over", {{"name", "b"}}));
    REQUIRE(book.environment_ended("over", cleanup_reason::requested, {}));
    REQUIRE(book.forget_ends());
    CHECK(book.receipts()->empty());
    CHECK(names(*book.living()) == std::vector<std::string>{"alive"});
}

TEST_CASE("an intent of which one part cannot be written is not written at all") {
    temporary_folder folder;
    auto book = opened(folder);
    auto records = three_records();
    records[2].detail = {{"path", "not \xFF text"}};
    auto refused = book.intend("a", records);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    records[2].detail = {{"path", std::string(2 << 20, 'x')}};
    CHECK(book.intend("a", records).error().code == error_code::invalid_argument);
    CHECK(book.unfinished()->empty());
    CHECK(book.intend("a", three_records()));
}

TEST_CASE("an intent that must survive a power loss is written like any other") {
    temporary_folder folder;
    auto book = opened(folder);
    CHECK(book.intend("a", three_records(), durability::power_loss));
    CHECK(book.unfinished()->size() == 3);
}

TEST_CASE("the write-ahead log stays bounded, with upkeep and without") {
    temporary_folder folder;
    auto book = opened(folder);
    bool upkeep = GENERATE(false, true);
    for (int count = 0; count < 1500; ++count) {
        auto given = book.intend("a", three_records());
        REQUIRE(given);
        REQUIRE(book.done(*given));
        if (upkeep && count % 100 == 0)
            REQUIRE(book.maintain());
    }
    auto log = std::filesystem::file_size(folder.path() / "journal.db-wal");
    CHECK(log < (upkeep ? 4 << 20 : 10 << 20));
    CHECK(std::filesystem::file_size(folder.path() / "journal.db") < 4 << 20);
}

TEST_CASE("what an interrupted creation left is replaced") {
    temporary_folder folder;
    std::ofstream{folder.path() / "journal.db.new"} << "half a journal";
    std::ofstream{folder.path() / "journal.db-wal"} << "a log of another file";
    auto book = opened(folder);
    CHECK_FALSE(book.damage());
    CHECK(book.intend("a", three_records()));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "journal.db.new"));
}

TEST_CASE("a journal is one file and its log, for their owner only") {
    temporary_folder folder;
    auto book = opened(folder);
    REQUIRE(book.intend("a", three_records()));
    auto files = std::filesystem::directory_iterator{folder.path()};
    CHECK(std::distance(begin(files), end(files)) == 2); // no index of the log: see journal_state.cpp
    for (const auto& entry : std::filesystem::directory_iterator{folder.path()})
        CHECK((entry.status().permissions() & std::filesystem::perms::mask) ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a journal that is a symbolic link, or in no folder, is an error") {
    temporary_folder folder;
    std::filesystem::create_symlink("/etc/hostname", folder.path() / "journal.db");
    CHECK_FALSE(journal::open(folder.path()));
    CHECK_FALSE(journal::open(folder.path() / "nowhere"));
    temporary_folder other;
    std::filesystem::create_directory(other.path() / "journal.db");
    CHECK_FALSE(journal::open(other.path()));
}

TEST_CASE("of very many ends the last are kept") {
    temporary_folder folder;
    auto book = opened(folder);
    REQUIRE(book.environment_started("alive", {}));
    for (int i = 0; i < journal::most_ends + 100; ++i)
        REQUIRE(book.environment_ended(std::to_string(i), cleanup_reason::requested, {}));
    REQUIRE(book.maintain());
    auto kept = names(*book.receipts());
    CHECK(kept.size() == journal::most_ends);
    CHECK(std::find(kept.begin(), kept.end(), "0") == kept.end());
    CHECK(std::find(kept.begin(), kept.end(), std::to_string(journal::most_ends + 99)) != kept.end());
    CHECK(book.living()->size() == 1);
}
