// SPDX-License-Identifier: MIT
// What entries of the journal mean: their keys, which no version may change, and what is made of them.
#include "system/journal/resource_kinds.hpp"

#include "system/journal/boot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv;

namespace {

unfinished_resource entry(resource_record record, std::string boot = boot_id()) {
    return {resource_id{1},           "an-environment", std::move(record.kind),
            std::move(record.detail), std::move(boot),  {}};
}

const resources::storage_folder folder{"a name", "/storage/an-environment", "/state/owner", 2};
const resources::detached_storage detached{"a name", 2};
const resources::control_groups groups{{"/groups/one", "/groups/two"}, 2};
const resources::keeper keeper{4711, 99, 2};
const resources::keeper keeper_to_come{{}, {}, 2};

} // namespace

TEST_CASE("each kind is written under its keys, which earlier and later versions read") {
    auto written = [](const resource_record& record) { return record.kind + " " + record.detail.dump(); };
    CHECK(written(to_record(folder)) ==
          R"(storage_folder {"launcher":2,"name":"a name","owner":"/state/owner",)"
          R"("path":"/storage/an-environment"})");
    CHECK(written(to_record(detached)) == R"(detached_storage {"launcher":2,"name":"a name"})");
    CHECK(written(to_record(groups)) == R"(cgroup {"launcher":2,"paths":["/groups/one","/groups/two"]})");
    CHECK(written(to_record(keeper)) == R"(keeper {"launcher":2,"pid":4711,"start_time":99})");
    CHECK(written(to_record(keeper_to_come)) == R"(keeper {"launcher":2})");
}

TEST_CASE("what is written reads back, a path that is not UTF-8 too") {
    auto odd = folder;
    odd.path = "/storage/\xff";
    auto record = to_record(odd);
    auto read = read_resource(record.kind, record.detail);
    REQUIRE(read);
    const auto* same = std::get_if<resources::storage_folder>(&*read);
    REQUIRE(same != nullptr);
    CHECK(same->environment_name == "a name");
    CHECK(same->path == odd.path);
    CHECK(same->owner == "/state/owner");
    CHECK(same->launcher == 2);
    CHECK(environment_name_of(*read) == "a name");
    CHECK(launcher_of(*read) == 2);
}

TEST_CASE("a key that a kind does not have is passed over, and one that is missing has its default") {
    auto read = read_resource("keeper", {{"pid", 4711}, {"colour", "green"}});
    REQUIRE(read);
    CHECK(std::get<resources::keeper>(*read).pid == 4711);
    CHECK(launcher_of(*read) == 0);
    CHECK(environment_name_of(*read).empty());
}

TEST_CASE("of an unknown kind, and of a value of another type, is told what cannot be understood") {
    auto unknown = read_resource("hologram", nlohmann::json::object());
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message ==
          "this version does not know kind hologram: a newer version of GestVenv made it");
    auto garbled = read_resource("storage_folder", {{"path", 7}});
    REQUIRE_FALSE(garbled);
    CHECK(garbled.error().message ==
          "its entry in the journal cannot be understood: path must be a string, and is a number");
    CHECK_FALSE(read_resource("keeper", nlohmann::json::array()));
}

TEST_CASE("all that an environment holds becomes one order") {
    auto order = undo_order::of(std::vector{entry(to_record(keeper)), entry(to_record(groups)),
                                            entry(to_record(folder)), entry(to_record(detached))});
    CHECK(order.not_understood.empty());
    const auto& asked = order.by_launcher;
    CHECK(asked.folders == std::vector<std::string>{"/storage/an-environment"});
    CHECK(asked.owner_marker == "/state/owner");
    CHECK(asked.cgroups == std::vector<std::string>{"/groups/one", "/groups/two"});
    REQUIRE(asked.keepers.size() == 1);
    CHECK(asked.keepers.front().pid == 4711);
    CHECK(asked.keepers.front().start_time == 99);
    CHECK(asked.environment_id == "an-environment");
}

TEST_CASE("a keeper of another boot is gone by itself") {
    auto order = undo_order::of(std::vector{entry(to_record(keeper), "another boot"),
                                            entry(to_record(keeper_to_come), "another boot"),
                                            entry(to_record(folder), "another boot")});
    CHECK(order.by_launcher.keepers.empty());
    CHECK(order.by_launcher.folders.size() == 1);
}

TEST_CASE("a keeper that was not seen to start is looked for by its environment") {
    auto order = undo_order::of(std::vector{entry(to_record(keeper_to_come))});
    REQUIRE(order.by_launcher.keepers.size() == 1);
    CHECK(order.by_launcher.keepers.front().pid == -1);
    CHECK(order.by_launcher.environment_id == "an-environment");
}

TEST_CASE("an order says what it does not understand") {
    auto order = undo_order::of(std::vector{entry(to_record(folder)), entry({"hologram", {}})});
    CHECK(order.not_understood ==
          std::vector<residue>{
              {"hologram", "an-environment",
               "this version does not know kind hologram: a newer version of GestVenv made it"}});
}

TEST_CASE("people are told of each thing that an entry may stand for") {
    using lines = std::vector<std::string>;
    CHECK(listed(entry(to_record(folder))) == lines{"storage_folder /storage/an-environment"});
    CHECK(listed(entry(to_record(detached))) == lines{"detached_storage"});
    CHECK(listed(entry(to_record(groups))) == lines{"cgroup /groups/one", "cgroup /groups/two"});
    CHECK(listed(entry(to_record(keeper))) == lines{"keeper 4711"});
    CHECK(listed(entry(to_record(keeper_to_come))) == lines{"keeper"});
    CHECK(listed(entry({"hologram", {}})) ==
          lines{"hologram (this version does not know kind hologram: a newer version of GestVenv made it)"});
}
