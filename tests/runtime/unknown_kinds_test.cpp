// SPDX-License-Identifier: MIT
// A start after a newer version of the program, which has made what this one has never heard of.
#include "tests/runtime/dead_runtime.hpp"
#include "tests/runtime/host.hpp"

#include "system/journal/journal.hpp"

#include <gestvenv/known_environments.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <map>
#include <string>
#include <vector>

using namespace gestvenv;
using test::receipts_of_next_start;

namespace {

const std::string newer = "11111111-2222-4333-8444-555555555555";
const std::string known = "66666666-7777-4888-9999-aaaaaaaaaaaa";

std::string entry(int number, const std::string& environment, const std::string& kind,
                  const std::string& detail) {
    return "INSERT INTO resources VALUES(" + std::to_string((1LL << 32) + number) + ", '" + environment +
           "', '" + kind + "', '" + detail + "', '@BOOT@', 1795695912247772);";
}

std::string storage_entry(int number, const std::string& environment) {
    return entry(number, environment, "storage_folder",
                 R"({"launcher":1,"name":"a name","owner":"@STATE@","path":"@STORAGE@/)" + environment +
                     "\"}");
}

// Two environments, one of which has something more.
test::dead_runtime two_environments(const test::temporary_folder& folder, const std::string& kind,
                                    const std::string& detail) {
    test::dead_runtime dead{folder};
    REQUIRE(journal::open(dead.state()));
    dead.write_journal(storage_entry(1, newer) + entry(2, newer, kind, detail) + storage_entry(3, known));
    dead.leave_storage(newer);
    dead.leave_storage(known);
    return dead;
}

std::vector<std::string> unfinished_of(const test::dead_runtime& dead, const std::string& id) {
    std::vector<std::string> kinds;
    auto contents = read_journal(dead.state());
    REQUIRE(contents);
    for (const auto& item : contents->unfinished)
        if (item.environment_id == id)
            kinds.emplace_back(item.kind);
    return kinds;
}

} // namespace

TEST_CASE("an environment with a resource of an unknown kind is left alone, and its neighbour is finished") {
    test::temporary_folder folder;
    const std::string kind = GENERATE("hologram", "container");
    auto dead = two_environments(folder, kind, R"({"projector":"north"})");
    for (int start = 1; start <= 2; ++start) {
        INFO("start " << start);
        auto receipts = receipts_of_next_start(folder);
        REQUIRE(receipts.contains(newer));
        CHECK(receipts.at(newer).environment_name == "a name");
        CHECK(receipts.at(newer).residue ==
              std::vector<residue>{
                  {kind, newer,
                   "this version does not know kind " + kind + ": a newer version of GestVenv made it"}});
        CHECK(receipts.contains(known) == (start == 1));
        for (const auto& [id, receipt] : receipts)
            CHECK(receipt.clean() == (id == known));
        CHECK_FALSE(std::filesystem::exists(dead.storage_of(known)));
        CHECK(std::filesystem::exists(dead.storage_of(newer) / "storage/work/file"));
        CHECK(unfinished_of(dead, newer) == std::vector<std::string>{kind, "storage_folder"});
        CHECK(unfinished_of(dead, known).empty());
        // Neither set aside nor replaced.
        CHECK(test::names_in(dead.state()) ==
              std::vector<std::string>{"journal.db", "journal.db-wal", "lock"});
    }
}

TEST_CASE("the storage of such an environment stays, too, where its journal is not the finder's to finish") {
    test::temporary_folder folder;
    auto dead = two_environments(folder, "hologram", R"({"projector":"north"})");
    auto options = test::options_in(folder);
    options.recover_orphans = false;
    std::vector<state_folder> held;
    SECTION("because another program is finishing it") {
        held = state_folder::find_free(folder.path() / "state").value();
        REQUIRE(held.size() == 1);
    }
    SECTION("because it lies below another root") {
        options.state_root = folder.path() / "other-state";
    }
    runtime next{options};
    auto receipts = next.cleanup_orphans();
    CHECK(std::filesystem::exists(dead.storage_of(newer) / "storage/work/file"));
    // The other program's journal may name processes: all of it is that one's.
    const bool is_anothers = !held.empty();
    CHECK(std::filesystem::exists(dead.storage_of(known)) == is_anothers);
    REQUIRE(receipts.size() == (is_anothers ? 0 : 1));
    if (!is_anothers)
        CHECK(receipts.front().environment_id == known);
}

TEST_CASE("an entry of a known kind that cannot be understood is left alone too") {
    test::temporary_folder folder;
    auto dead = two_environments(folder, "cgroup", R"({"launcher":1,"paths":{"unified":"/a/group"}})");
    auto receipts = receipts_of_next_start(folder);
    REQUIRE(receipts.contains(newer));
    REQUIRE(receipts.at(newer).residue.size() == 1);
    CHECK(receipts.at(newer).residue.front().kind == "cgroup");
    CHECK(receipts.at(newer).residue.front().why.find("paths must be") != std::string::npos);
    CHECK(receipts.at(known).clean());
    CHECK(std::filesystem::exists(dead.storage_of(newer) / "storage/work/file"));
    CHECK(unfinished_of(dead, newer).size() == 2);
}

TEST_CASE("what an unknown kind holds is told by the name of the kind") {
    test::temporary_folder folder;
    auto dead = two_environments(folder, "hologram", R"({"projector":"north"})");
    std::map<std::string, std::vector<std::string>> held;
    for (const auto& environment : find_known_environments(folder.path() / "state").environments)
        held.emplace(environment.id, environment.holds);
    REQUIRE(held[newer].size() == 2);
    CHECK(held[newer].front().starts_with("hologram (this version does not know"));
    CHECK(held[newer].back() == "storage_folder " + dead.storage_of(newer).string());
}
