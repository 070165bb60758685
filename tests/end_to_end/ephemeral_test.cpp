// SPDX-License-Identifier: MIT
// `gestvenv ephemeral`: what others have, had, and left.
#include "tests/end_to_end/program.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

nlohmann::json rows(scene& place, bool all) {
    std::vector<std::string> words{"ephemeral", "list", "--format", "json"};
    if (all)
        words.emplace_back("--all");
    auto result = place.gestvenv(words);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return nlohmann::json::parse(result.out);
}

} // namespace

TEST_CASE("an environment of another program is listed while it lives, and its end is told afterwards") {
    scene place;
    auto running =
        place.start({"run", "--name", "other", "sh", "-c", "echo $VIRTUAL_ENV_PROMPT; exec sleep 1000"});
    running.wait_for_lines(1);
    auto living = rows(place, false);
    REQUIRE(living.size() == 1);
    CHECK(living[0]["name"] == "other");
    CHECK(living[0]["status"] == "ready");
    running.send(SIGTERM);
    running.wait();
    CHECK(rows(place, false).empty());
    auto all = rows(place, true);
    REQUIRE(all.size() == 1);
    CHECK(all[0]["status"] == "destroyed");
    auto shown = place.gestvenv({"ephemeral", "show", "other"});
    CHECK(shown.status == 0);
    CHECK(shown.out.find("left         nothing") != std::string::npos);
    auto id = all[0]["id"].get<std::string>();
    CHECK(place.gestvenv({"ephemeral", "show", id.substr(0, 8)}).out == shown.out);
}

TEST_CASE("what is not known, and what is not said, are errors") {
    scene place;
    CHECK(place.gestvenv({"ephemeral", "list"}).out == "no environments\n");
    auto unknown = place.gestvenv({"ephemeral", "show", "unknown"});
    CHECK(unknown.status == 1);
    CHECK(unknown.err.find("hint: gestvenv ephemeral list --all") != std::string::npos);
    CHECK(place.gestvenv({"ephemeral", "cleanup"}).status == 2);
    CHECK(place.gestvenv({"ephemeral", "show"}).status == 2);
    auto nothing = place.gestvenv({"ephemeral", "cleanup", "--orphans"});
    CHECK(nothing.status == 0);
}

TEST_CASE("what a program and its launcher left when both were killed is listed, and removed when asked") {
    scene place;
    const auto number = unique_number();
    auto running = place.start({"run", "--name", "left", "--storage", "disk", "sh", "-c",
                                "echo $VIRTUAL_ENV_PROMPT; exec sleep 1000." + number});
    running.wait_for_lines(1);
    // No other process has this state folder open: program, launcher, and no more.
    auto kill_all = place.shell("kill -KILL $(for p in /proc/[0-9]*; do ls -l $p/fd 2>/dev/null | grep -q " +
                                (place.folder() / "state").string() + " && echo ${p#/proc/}; done)");
    CHECK(kill_all.status == 0);
    CHECK(running.wait().signal == SIGKILL);
    CHECK(wait_for_processes(number, 0));
    CHECK(rows(place, false).empty());
    auto left = rows(place, true);
    REQUIRE(left.size() == 1);
    CHECK(left[0]["status"] == "left");
    auto cleaned = place.gestvenv({"ephemeral", "cleanup", "--orphans", "--format", "json"});
    CHECK(cleaned.status == 0);
    auto id = left[0]["id"].get<std::string>();
    bool has_receipt = false;
    for (const auto& receipt : nlohmann::json::parse(cleaned.out)) {
        CHECK(receipt["residue"].empty());
        has_receipt = has_receipt || receipt["environment_id"] == id;
    }
    CHECK(has_receipt);
    check_nothing_left(id, ::geteuid());
    CHECK(rows(place, true)[0]["cause"] == "orphaned");
}

TEST_CASE("a damaged journal is reported by name, with and without details asked for") {
    scene place;
    auto dead = place.folder() / "state/gestvenv/bbbbbbbb-2222-4333-8444-555555555555";
    std::filesystem::create_directories(dead);
    std::filesystem::permissions(place.folder() / "state/gestvenv", std::filesystem::perms::owner_all);
    std::ofstream{dead / "lock"};
    std::ofstream{dead / "journal.db"} << "this was a database once";
    auto cleaned = place.gestvenv({"ephemeral", "cleanup", "--orphans"});
    CHECK(cleaned.status == 0);
    CHECK(cleaned.err.find("warning: the journal in " + dead.string() + " was damaged") != std::string::npos);
    CHECK(cleaned.err.find("journal.db.damaged-1") != std::string::npos);
}

TEST_CASE("a journal that cannot be read is an error, and stays") {
    scene place;
    auto dead = place.folder() / "state/gestvenv/bbbbbbbb-2222-4333-8444-555555555555";
    std::filesystem::create_directories(dead / "journal.db"); // a folder is no database
    std::filesystem::permissions(place.folder() / "state/gestvenv", std::filesystem::perms::owner_all);
    std::ofstream{dead / "lock"};
    auto cleaned = place.gestvenv({"ephemeral", "cleanup", "--orphans"});
    CHECK(cleaned.status == 125);
    CHECK(cleaned.out.find("journal " + dead.string()) != std::string::npos);
    CHECK(cleaned.err.find("error: something could not be removed") != std::string::npos);
    CHECK(std::filesystem::exists(dead / "journal.db"));
}
