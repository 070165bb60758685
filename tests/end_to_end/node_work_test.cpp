// SPDX-License-Identifier: MIT
// Commands about the environments of a node.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/end_to_end/snapshot.hpp"
#include "tests/end_to_end/traces.hpp"

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

using namespace gestvenv::test;

namespace {

bool says(const finished& result, const std::string& part) {
    return result.err.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("packages come and go in a living environment") {
    node_scene place;
    place.create({"work"});
    auto installed = place.gestvenv({"ephemeral", "install", "work", "six==1.16.0"});
    INFO(installed.err);
    CHECK(installed.status == 0);
    CHECK(installed.out == "+ six 1.16.0\n");
    CHECK(place.gestvenv({"ephemeral", "install", "work", "six==1.16.0"}).out == "nothing has changed\n");
    auto upgraded =
        place.json_of({"ephemeral", "install", "work", "six>1.16", "--upgrade", "--format", "json"});
    CHECK(upgraded["removed"][0]["version"] == "1.16.0");
    CHECK(place.gestvenv({"ephemeral", "uninstall", "work", "six", "nosuch"}).status == 0);
    CHECK(place.gestvenv({"ephemeral", "packages", "work"}).out == "no packages\n");
    place.write("list.txt", "six==1.16.0\n");
    CHECK(place.gestvenv({"ephemeral", "install", "work", "-r", "list.txt"}).out == "+ six 1.16.0\n");
    auto unknown = place.gestvenv({"ephemeral", "install", "work", "gestvenv-no-such-package"});
    CHECK(unknown.status == 125);
    CHECK(says(unknown, "gestvenv-no-such-package"));
    for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
             {"install", "work"}, {"uninstall", "work"}, {"install"}, {"install", "work", "--index-url=x"}}) {
        words.insert(words.begin(), "ephemeral");
        CHECK(place.gestvenv(words).status == 2);
    }
}

TEST_CASE("offline, what a cache has is installed in a new environment, and what it has not is an error") {
    node_scene place;
    place.create({"filled", "--packages", "six==1.16.0"}); // it is in the cache now
    place.create({"cached", "--offline", "--packages", "six==1.16.0"});
    auto missing = place.gestvenv(
        {"ephemeral", "create", "missing", "--offline", "--packages", "gestvenv-no-such-package"});
    CHECK(missing.status == 125);
    CHECK(says(missing, "gestvenv-no-such-package"));
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 2);
}

TEST_CASE("an environment that there is not is status 1, with the nearest name") {
    node_scene place;
    place.create({"ci-test"});
    for (const char* command : {"packages", "logs", "cleanup", "show"}) {
        auto result = place.gestvenv({"ephemeral", command, "ci-tset"});
        INFO(command << ": " << result.err);
        CHECK(result.status == 1);
        CHECK(result.out.empty());
        CHECK(says(result, "hint: did you mean `ci-test`?"));
    }
    auto running = place.start({"run", "--name", "other", "sh", "-c", "echo here; exec sleep 1000"});
    running.wait_for_lines(1);
    auto others = place.gestvenv({"ephemeral", "cleanup", "other"});
    CHECK(others.status == 1);
    CHECK(says(others, "is not the node's"));
}

TEST_CASE("cleanup ends what is idle, and what is in use only with --force") {
    node_scene place;
    const auto id = place.create({"idle"});
    auto ended = place.json_of({"ephemeral", "cleanup", "idle", "--format", "json"});
    REQUIRE(ended.size() == 1);
    CHECK(ended[0]["environment_id"] == id);
    CHECK(ended[0]["residue"].empty());
    check_nothing_left(id, ::geteuid());
    place.create({"busy"});
    auto running = place.start({"run", "--env", "busy", "sh", "-c", "echo here; exec sleep 1000"});
    running.wait_for_lines(1);
    auto refused = place.gestvenv({"ephemeral", "cleanup", "busy"});
    CHECK(refused.status == 125);
    CHECK(says(refused, "--force"));
    place.create({"spare"});
    auto unasked = place.gestvenv({"ephemeral", "cleanup", "--all"});
    CHECK(unasked.status == 2);
    CHECK(unasked.out.empty());
    CHECK(says(unasked, "hint: gestvenv ephemeral cleanup --all --force"));
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 2);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "--all", "--force"}).status == 0);
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).empty());
    CHECK(place.gestvenv({"ephemeral", "cleanup"}).status == 2);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "busy", "--all"}).status == 2);
}

TEST_CASE("the events of an environment are told, and followed to its end") {
    node_scene place;
    place.create({"watched"});
    auto events = place.json_of({"ephemeral", "logs", "watched", "--format", "json"});
    REQUIRE(events.size() >= 2);
    CHECK(events[0]["kind"] == "environment_created");
    auto following = place.start({"ephemeral", "logs", "watched", "--follow"});
    following.wait_for_lines(2);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "watched"}).status == 0);
    auto followed = following.wait();
    INFO(followed.out << followed.err);
    CHECK(followed.status == 0);
    CHECK(followed.out.find("environment_ready") != std::string::npos);
    CHECK(followed.out.find("environment_gone") != std::string::npos);
}

TEST_CASE("a node that is started or ended is told as JSON, and so is a token that is revoked") {
    node_scene place;
    const auto started = place.json_of({"node", "start", "--format", "json"});
    CHECK(started["pid"] == place.node());
    CHECK(started == place.json_of({"node", "status", "--format", "json"}));
    place.json_of({"token", "create", "ci", "--format", "json"});
    const auto revoked = place.json_of({"token", "revoke", "ci", "--format", "json"});
    CHECK(revoked["name"] == "ci");
    CHECK_FALSE(revoked.contains("token"));
    CHECK(place.json_of({"node", "stop", "--format", "json"}) == started);
    CHECK(place.json_of({"node", "stop", "--format", "json"}).is_null());
}

TEST_CASE("tokens are made, listed without their secrets, and revoked") {
    node_scene place;
    auto made = place.gestvenv({"token", "create", "ci-token", "--right", "read", "--expires", "1h"});
    CHECK(made.status == 0);
    const auto secret = made.out.substr(0, made.out.find('\n'));
    CHECK(made.out == secret + "\n");
    CHECK(secret.starts_with("gvt_"));
    auto listed = place.json_of({"token", "list", "--format", "json"});
    REQUIRE(listed.size() == 1);
    CHECK(listed[0]["name"] == "ci-token");
    CHECK(listed[0]["right"] == "read");
    CHECK_FALSE(listed[0]["expires_at"].is_null());
    CHECK(listed.dump().find(secret) == std::string::npos);
    CHECK(content_of(place.folder() / "state/gestvenv/tokens.json").find(secret) == std::string::npos);
    CHECK(place.gestvenv({"token", "create", "ci-token"}).status != 0);
    auto unknown = place.gestvenv({"token", "revoke", "ci-tokne"});
    CHECK(unknown.status == 1);
    CHECK(says(unknown, "did you mean `ci-token`?"));
    CHECK(place.gestvenv({"token", "revoke", "ci-token"}).status == 0);
    CHECK(place.gestvenv({"token", "list"}).out == "no tokens\n");
    CHECK(place.node() == 0);
}

TEST_CASE("a node on TCP lets in who has a token, and it has what was made with that alone") {
    node_scene place;
    CHECK(place.gestvenv({"node", "start", "--listen", "127.0.0.1:0"}).status == 0);
    const auto record = nlohmann::json::parse(content_of(place.record()));
    const auto address = record["listens"][0].get<std::string>();
    place.create({"local"});
    auto without = place.gestvenv({"ephemeral", "list", "--node", address});
    CHECK(without.status == 2);
    CHECK(says(without, "wants a token"));
    auto token = place.gestvenv({"token", "create", "ci"});
    auto& variables = place.where().variables;
    variables["GESTVENV_NODE"] = address;
    variables["GESTVENV_TOKEN"] = "gvt_wrong";
    auto wrong = place.gestvenv({"ephemeral", "list"});
    INFO(wrong.err);
    CHECK(wrong.status == 125);
    CHECK_FALSE(says(wrong, "gvt_wrong"));
    variables["GESTVENV_TOKEN"] = token.out.substr(0, token.out.find('\n'));
    CHECK(place.gestvenv({"ephemeral", "list"}).out == "no environments\n");
    place.create({"remote"});
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 1);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "remote"}).status == 0);
    variables["GESTVENV_NODE"] = variables["GESTVENV_TOKEN"] = "";
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 1);
}

TEST_CASE("every command of the node has a help, a table and JSON that stay") {
    node_scene place;
    snapshot shot{"node"};
    shot.add(place, {"ephemeral", "--help"});
    for (const char* name : {"create", "list", "show", "exec", "install", "uninstall", "packages", "shell",
                             "attach", "cp", "logs", "cleanup", "stats", "ps", "top"})
        shot.add(place, {"ephemeral", name, "--help"});
    shot.add(place, {"token", "--help"});
    for (const char* name : {"create", "list", "revoke"})
        shot.add(place, {"token", name, "--help"});
    shot.add(place, {"node", "--help"});
    for (const char* name : {"start", "open", "stop", "status", "logs"})
        shot.add(place, {"node", name, "--help"});
    shot.add(place, {"node", "status"});
    shot.add(place, {"node", "status", "--format", "json"});
    shot.add(place, {"node", "stop"});
    shot.add(place, {"token", "list"});
    shot.add(place, {"token", "list", "--format", "json"});
    shot.add(place, {"token", "create", "reader", "--right", "read"});
    shot.add(place, {"token", "create", "writer", "--format", "json"});
    shot.add(place, {"token", "list"});
    shot.add(place, {"token", "list", "--format", "json"});
    shot.add(place, {"token", "revoke", "reader"});
    shot.add(place, {"ephemeral", "list"});
    shot.add(place, {"ephemeral", "list", "--format", "json"});
    shot.add(place, {"ephemeral", "stats"});
    shot.add(place, {"ephemeral", "stats", "--format", "json"});
    place.create({"shown", "--packages", "six==1.16.0"});
    for (const char* name : {"list", "show", "logs"}) {
        std::vector<std::string> words{"ephemeral", name};
        if (words.back() != "list")
            words.emplace_back("shown");
        shot.add(place, words);
        words.insert(words.end(), {"--format", "json"});
        shot.add(place, words);
    }
    shot.add(place, {"ephemeral", "packages", "shown"});
    shot.add(place, {"ephemeral", "packages", "shown", "--format", "json"});
    shot.add(place, {"ephemeral", "install", "shown", "six==1.15.0"});
    shot.add(place, {"ephemeral", "uninstall", "shown", "six", "--format", "json"});
    shot.add(place, {"ephemeral", "uninstall", "shown", "six"});
    shot.add(place, {"ephemeral", "install", "shown", "six==1.15.0", "--format", "json"});
    shot.add(place, {"ephemeral", "cleanup", "unknown"});
    shot.add(place, {"ephemeral", "cleanup", "shown"});
    shot.add(place, {"ephemeral", "create", "made"});
    shot.add(place, {"ephemeral", "cleanup", "made", "--format", "json"});
    shot.add(place, {"ephemeral", "create", "made", "--format", "json"});
    shot.add(place, {"node", "status"});
    shot.add(place, {"node", "status", "--format", "json"});
    shot.check();
}
