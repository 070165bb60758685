// SPDX-License-Identifier: MIT
// The journal among processes: writers that are killed, readers beside them, forked children.
#include "system/journal/journal.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tests/system/journal/child_process.hpp"
#include "tests/system/journal/journal_support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace gestvenv;
using test::opened;
using test::temporary_folder;
using test::three_records;

TEST_CASE("an intent survives the SIGKILL of its writer") {
    temporary_folder folder;
    auto status = test::wait_for(test::start_child([&] {
        auto book = opened(folder);
        auto given = book.intend("doomed", three_records());
        if (given && book.amend(given->back(), {{"pid", 1234}}))
            ::kill(::getpid(), SIGKILL);
    }));
    REQUIRE(WIFSIGNALED(status));
    auto book = opened(folder);
    CHECK_FALSE(book.damage());
    REQUIRE(book.unfinished()->size() == 3);
    CHECK(book.unfinished()->front().detail["pid"] == 1234);
}

TEST_CASE("whenever its writer is killed, the journal has what was reported and no half of a transaction") {
    for (int round = 0; round < 12; ++round) {
        temporary_folder folder;
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        auto child = test::start_child([&] {
            auto book = opened(folder);
            for (;;) {
                auto given = book.intend("a", three_records());
                if (!given || ::write(ends[1], "i", 1) != 1)
                    ::_exit(1);
                if (!book.done(std::span{*given}.first(1)) || ::write(ends[1], "d", 1) != 1)
                    ::_exit(1);
            }
        });
        ::close(ends[1]);
        std::string reported(static_cast<std::size_t>(20 + 37 * round), ' ');
        for (std::size_t at = 0; at < reported.size();) {
            auto got = ::read(ends[0], &reported[at], reported.size() - at);
            REQUIRE(got > 0);
            at += static_cast<std::size_t>(got);
        }
        REQUIRE(::kill(child, SIGKILL) == 0);
        test::wait_for(child);
        for (char byte = 0; ::read(ends[0], &byte, 1) > 0;)
            reported += byte;
        ::close(ends[0]);
        auto rounds = reported.size() / 2;
        auto book = opened(folder);
        CHECK_FALSE(book.damage());
        auto left = book.unfinished()->size();
        // Two are left of each whole round; of the one under way nothing, three, or two.
        INFO(reported.size() << " reports, " << left << " left");
        CHECK((left == 2 * rounds || left == 2 * rounds + 3 || left == 2 * rounds + 2));
        if (reported.size() % 2 == 1)
            CHECK(left > 2 * rounds);
    }
}

TEST_CASE("another process may read the journal of a writer that was killed") {
    temporary_folder folder;
    test::wait_for(test::start_child([&] {
        auto book = opened(folder);
        static_cast<void>(book.intend("a", three_records()));
        ::kill(::getpid(), SIGKILL);
    }));
    auto seen = read_journal(folder.path());
    REQUIRE(seen);
    CHECK(seen->unfinished.size() == 3);
    CHECK_FALSE(read_journal(folder.path() / "nowhere"));
}

TEST_CASE("the journal of a parent is of no use in a forked child, and takes no harm there") {
    temporary_folder folder;
    auto book = std::make_unique<journal>(opened(folder));
    REQUIRE(book->intend("a", three_records()));
    auto complaint = test::in_child([&]() -> std::string {
        if (book->intend("b", three_records()) || book->unfinished() || book->maintain())
            return "the child could use the journal";
        book.reset();
        return {};
    });
    CHECK(complaint.empty());
    CHECK(book->intend("c", three_records()));
    CHECK(book->unfinished()->size() == 6);
    CHECK(read_journal(folder.path())->unfinished.size() == 6);
}

TEST_CASE("a reader sees whole transactions, whatever the writer does meanwhile") {
    temporary_folder folder;
    auto book = opened(folder);
    int reports[2];
    REQUIRE(::pipe2(reports, O_NONBLOCK | O_CLOEXEC) == 0);
    auto reader = test::start_child([&] {
        for (int readings = 0; readings < 10;) {
            auto seen = read_journal(folder.path());
            if (seen && seen->unfinished.size() % 3 != 0)
                ::_exit(1);
            if (!seen && seen.error().message.find("too fast") == std::string::npos)
                ::_exit(2);
            if (seen && ::write(reports[1], "r", 1) == 1)
                ++readings;
        }
    });
    std::vector<std::vector<resource_id>> living;
    int status = 0;
    // A reader needs a moment in which the log is not started over; how long a one depends on the machine.
    std::chrono::milliseconds peace{1};
    auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{50};
    for (int count = 0; ::waitpid(reader, &status, WNOHANG) == 0; ++count) {
        if (std::chrono::steady_clock::now() > limit)
            ::kill(reader, SIGKILL);
        living.push_back(
            *book.intend("a", three_records(std::string(static_cast<std::size_t>(count % 300), 'x'))));
        if (count % 3 != 0 || living.size() > 60) {
            REQUIRE(book.done(living.front()));
            living.erase(living.begin());
        }
        if (count % 100 != 0)
            continue;
        REQUIRE(book.maintain());
        char byte = 0;
        peace = ::read(reports[0], &byte, 1) == 1 ? peace / 2 + std::chrono::milliseconds{1} : peace * 2;
        std::this_thread::sleep_for(peace);
    }
    ::close(reports[0]);
    ::close(reports[1]);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(read_journal(folder.path())->unfinished.size() == 3 * living.size());
}

TEST_CASE("a second journal on the same folder is refused") {
    temporary_folder folder;
    auto book = opened(folder);
    REQUIRE(book.intend("a", three_records()));
    CHECK(test::in_child([&]() -> std::string { return journal::open(folder.path()) ? "opened" : ""; }) ==
          "");
    CHECK(book.intend("a", three_records()));
}
