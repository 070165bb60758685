// SPDX-License-Identifier: MIT
// What one runtime leaves for the next: a state folder with a journal whose space is allocated.
#include "system/journal/journal.hpp"
#include "system/journal/schema.hpp"
#include "system/journal/state_folder.hpp"
#include "system/journal/young_image.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/system/journal/child_process.hpp"
#include "tests/system/journal/journal_support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace gestvenv;
using test::temporary_folder;
using test::three_records;

namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Without what differs from one SQLite to another: the counter of changes and who counted (offsets 24, 92 and
/// 96 of the file's header).
std::string comparable(std::string image) {
    image.replace(24, 4, 4, '\0');
    image.replace(92, 8, 8, '\0');
    return image;
}

ino_t inode_of(const std::filesystem::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// A runtime's life: a journal is written, and nothing is left unfinished.
state_folder used(const std::filesystem::path& root) {
    auto folder = state_folder::create(root).value();
    auto book = journal::open(folder.path()).value();
    auto intents = book.intend("an environment of before", three_records()).value();
    REQUIRE(book.environment_started("an environment of before", {}));
    REQUIRE(book.done(intents));
    REQUIRE(*book.disposable());
    return folder;
}

} // namespace

TEST_CASE("the image of a new journal is what SQLite makes") {
    temporary_folder scratch;
    const auto file = (scratch.path() / "journal.db").string();
    REQUIRE(journal_schema::make_by_sqlite(file, {}));
    auto made = content_of(file);
    const auto image = young_image::pages();
    REQUIRE(made.size() == young_image::file_size);
    REQUIRE(made.substr(image.size()).find_first_not_of('\0') == std::string::npos);
    CHECK(comparable(made.substr(0, image.size())) == comparable(image));
}

TEST_CASE("a folder that is kept is the next one, with its files, and nothing in its journal") {
    temporary_folder scratch;
    const auto& root = scratch.path();
    auto first = used(root);
    const auto folder = inode_of(first.path());
    const auto database = inode_of(first.path() / "journal.db");
    const auto log = inode_of(first.path() / "journal.db-wal");
    REQUIRE(first.keep_for_next());
    CHECK(all_state_folders(root)->empty());
    CHECK(state_folder::find_free(root)->empty());
    auto second = state_folder::create(root).value();
    CHECK(second.id() != first.id());
    CHECK(inode_of(second.path()) == folder);
    CHECK(state_folder::is_held(second.path()));
    auto book = journal::open(second.path()).value();
    CHECK(inode_of(second.path() / "journal.db") == database);
    CHECK(inode_of(second.path() / "journal.db-wal") == log);
    CHECK_FALSE(book.damage());
    CHECK(book.unfinished()->empty());
    CHECK(book.living()->empty());
    CHECK(book.intend("another", three_records()));
    CHECK(book.unfinished()->size() == 3);
    // The next start reads it after a crash.
    CHECK(read_journal(second.path())->unfinished.size() == 3);
}

TEST_CASE("one folder is kept, and none with more in it than a journal") {
    temporary_folder scratch;
    auto first = used(scratch.path());
    auto second = used(scratch.path());
    auto third = used(scratch.path());
    std::ofstream{third.path() / "journal.db.damaged-1"} << "x";
    CHECK_FALSE(third.keep_for_next());
    CHECK(first.keep_for_next());
    CHECK_FALSE(second.keep_for_next());
    CHECK(second.remove());
    CHECK(third.remove());
}

TEST_CASE("a folder whose taker dies at once is found by the next search") {
    temporary_folder scratch;
    auto first = used(scratch.path());
    REQUIRE(first.keep_for_next());
    test::wait_for(test::start_child([&] { (void)state_folder::create(scratch.path()); }));
    auto found = state_folder::find_free(scratch.path());
    REQUIRE(found->size() == 1);
    CHECK(journal::open(found->front().path())->unfinished()->empty());
}

TEST_CASE("a kept folder that is of no use is replaced") {
    temporary_folder scratch;
    auto first = used(scratch.path());
    REQUIRE(first.keep_for_next());
    const auto spare = scratch.path() / state_folder::spare_name;
    SECTION("without its lock") {
        std::filesystem::remove(spare / "lock");
    }
    SECTION("with a file of another size") {
        std::filesystem::resize_file(spare / "journal.db.new", 5000);
    }
    SECTION("with a log of another file") {
        std::ofstream{spare / "journal.db-wal"} << "a log";
    }
    SECTION("with a link") {
        std::filesystem::remove(spare / "journal.db.new");
        std::filesystem::create_symlink("/etc/hostname", spare / "journal.db.new");
    }
    auto second = state_folder::create(scratch.path()).value();
    auto book = journal::open(second.path());
    REQUIRE(book);
    CHECK(book->unfinished()->empty());
}

TEST_CASE("runtimes that come and go at once never share a kept folder") {
    temporary_folder scratch;
    const auto root = scratch.path() / "gestvenv";
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{500};
    auto lives = [&] {
        while (std::chrono::steady_clock::now() < end) {
            auto mine = state_folder::create(root);
            if (!mine)
                ::_exit(1);
            {
                auto book = journal::open(mine->path());
                if (!book || !book->unfinished() || !book->unfinished()->empty())
                    ::_exit(2); // another's entries, or its lock on the file
                if (!book->intend("mine", three_records()))
                    ::_exit(3);
                std::vector<resource_id> ids;
                for (const auto& item : *book->unfinished())
                    ids.push_back(item.id);
                if (ids.size() != 3 || !book->done(ids))
                    ::_exit(4);
            }
            if (!mine->keep_for_next() && !mine->remove())
                ::_exit(5);
        }
    };
    std::vector<pid_t> children{test::start_child(lives), test::start_child(lives), test::start_child(lives)};
    for (auto child : children) {
        auto status = test::wait_for(child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    CHECK(all_state_folders(root)->empty());
}
