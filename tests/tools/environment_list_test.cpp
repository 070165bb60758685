// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/environment_list.hpp"

#include "tests/support/set_variable.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace gestvenv;
using namespace gestvenv::cli;
using namespace std::chrono_literals;

namespace {

const std::chrono::system_clock::time_point noon{1'700'000'000s};

known_environment living(const std::string& id, const std::string& name) {
    known_environment one;
    one.id = id;
    one.name = name;
    auto& info = one.info.emplace();
    info.id = id;
    info.name = name;
    info.status = environment_status::ready;
    info.python_version = "3.12.1";
    info.created_at = noon - 90s;
    info.packages = {"six==1.16.0"};
    return one;
}

known_environment ended(const std::string& id, const std::string& name) {
    auto one = living(id, name);
    one.state = known_state::ended;
    auto& receipt = one.receipt.emplace();
    receipt.environment_id = id;
    receipt.environment_name = name;
    receipt.reason = cleanup_reason::ttl_expired;
    receipt.finished_at = noon - 30s;
    return one;
}

known_environment left(const std::string& id) {
    known_environment one;
    one.id = id;
    one.state = known_state::left;
    one.holds = {"storage_folder /somewhere/" + id};
    return one;
}

const std::vector<known_environment> some{living("11111111-a", "one"), left("22222222-b"),
                                          ended("33333333-c", "three")};

} // namespace

TEST_CASE("environments are listed with what is known of them") {
    test::set_variable zone{"TZ", "UTC"};
    ::tzset();
    CHECK(environment_table(some, noon) ==
          "  ID        NAME   STATUS     BACKEND  PYTHON  AGE   CREATED              ENDED                "
          "CAUSE\n"
          "  11111111  one    ready      uv       3.12.1  90 s  2023-11-14 22:11:50\n"
          "  22222222  -      left       -        -       -     -\n"
          "  33333333  three  destroyed  uv       3.12.1  60 s  2023-11-14 22:11:50  2023-11-14 22:12:50  "
          "ttl_expired\n");
    CHECK(environment_table({some[0]}, noon).find("ENDED") == std::string::npos);
    CHECK(environment_table({}, noon) == "no environments\n");
}

TEST_CASE("the newest come first, and of those that have ended so many as are wanted") {
    std::vector<known_environment> all;
    for (int index = 0; index < 60; ++index) {
        all.push_back(ended("id-" + std::to_string(index), "e"));
        all.back().info->created_at = noon + std::chrono::seconds{index};
    }
    all.push_back(living("old", "old"));
    all.back().info->created_at = noon - 1h;
    all.push_back(left("left"));
    auto shown = all;
    CHECK(put_newest_first(shown, 50) == 10);
    REQUIRE(shown.size() == 52);
    CHECK(shown[0].id == "left");
    CHECK(shown[1].id == "id-59");
    CHECK(shown[50].id == "id-10");
    CHECK(shown[51].id == "old");
    shown = all;
    CHECK(put_newest_first(shown, unlimited_count) == 0);
    CHECK(shown.size() == 62);
}

TEST_CASE("as JSON they have the keys that scripts know") {
    auto rows = nlohmann::json::parse(environment_json(some, noon));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] == nlohmann::json{{"id", "11111111-a"},
                                    {"name", "one"},
                                    {"status", "ready"},
                                    {"backend", "uv"},
                                    {"python_version", "3.12.1"},
                                    {"age_seconds", 90},
                                    {"created_at", "2023-11-14T22:11:50.000000Z"},
                                    {"packages_count", 1}});
    CHECK(rows[1]["status"] == "left");
    CHECK(rows[1]["backend"].is_null());
    CHECK(rows[2]["cause"] == "ttl_expired");
    CHECK(rows[2]["age_seconds"] == 60);
}

TEST_CASE("one of them is shown with what it holds or how it ended") {
    CHECK(environment_text(some[1], noon).find("left    storage_folder /somewhere/22222222-b") !=
          std::string::npos);
    CHECK(environment_text(some[2], noon).find("left         nothing") != std::string::npos);
    auto document = nlohmann::json::parse(environment_json(some[2], noon));
    CHECK(document["receipt"]["reason"] == "ttl_expired");
    CHECK(document["info"]["packages"][0] == "six==1.16.0");
    CHECK(document["terminal_sessions"].is_null());
}

TEST_CASE("one of a node is shown with its terminal sessions, whatever their commands are") {
    CHECK(nlohmann::json::parse(
              environment_json(some[0], noon, std::vector<terminal::session_info>{}))["terminal_sessions"] ==
          nlohmann::json::array());
    const std::vector<terminal::session_info> sessions{{"0123456789", "11111111-a", "bash", noon, 0},
                                                       {"abcdefghij", "11111111-a", "vi \x1b[2J", noon, 1},
                                                       {"klmnopqrst", "11111111-a", "top", noon, 2}};
    const auto text = environment_text(some[0], noon, sessions);
    CHECK(text.find("session  01234567  `bash`, since 2023-11-") != std::string::npos);
    CHECK(text.find(", not attached\n") != std::string::npos);
    CHECK(text.find("`vi \\x1b[2J`") != std::string::npos);
    CHECK(text.find(", attached 2 times\n") != std::string::npos);
    auto document = nlohmann::json::parse(environment_json(some[0], noon, sessions));
    CHECK(document["terminal_sessions"][1]["command"] == "vi \x1b[2J");
    CHECK(document["terminal_sessions"][2]["attached"] == 2);
}

TEST_CASE("one is picked by id, by a prefix that is one, or by name, a living one first") {
    auto id = [](const std::vector<known_environment>& all, const char* wanted) {
        auto found = pick(all, wanted);
        return found ? found->id : found.error().message;
    };
    CHECK(id(some, "22222222-b") == "22222222-b");
    CHECK(id(some, "3333") == "33333333-c");
    CHECK(id(some, "one") == "11111111-a");
    CHECK(id({living("44444444-d", "same"), ended("55555555-e", "same")}, "same") == "44444444-d");
    CHECK(id({ended("44444444-d", "same"), ended("55555555-e", "same")}, "same") == "55555555-e");
    CHECK(id({living("66666666-1", "a"), living("66666666-2", "b")}, "6666").find("2 environments") !=
          std::string::npos);
    CHECK(id(some, "333").find("no environment") != std::string::npos);
    CHECK(id(some, "four").find("no environment") != std::string::npos);
}
