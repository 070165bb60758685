// SPDX-License-Identifier: MIT
// Environments that live between commands: who starts the node, and what ends them.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/end_to_end/traces.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

namespace files = std::filesystem;

bool says(const finished& result, const std::string& part) {
    return result.err.find(part) != std::string::npos;
}

/// Until `holds`, at most `patience`.
template <class Condition>
bool wait_until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        ::poll(nullptr, 0, 20);
    }
    return true;
}

} // namespace

TEST_CASE("an environment made in one step of a job is used in the next, and nothing is left of it") {
    node_scene place;
    place.write("requirements.txt", "six==1.16.0\n");
    place.write("test_it.py", "import six\nprint('six', six.__version__)\n");
    auto made = place.shell("$GESTVENV ephemeral create ci-test --requirements requirements.txt --ttl 600");
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK(says(made, "started a node"));
    const auto id = made.out.substr(0, made.out.find(' '));
    CHECK(made.out == id + "  ci-test\n");
    auto used = place.shell("$GESTVENV run --env ci-test python test_it.py");
    INFO(used.err);
    CHECK(used.status == 0);
    CHECK(used.out == "six 1.16.0\n");
    CHECK(used.err.empty());
    auto rows = place.json_of({"ephemeral", "list", "--format", "json"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["id"] == id);
    CHECK(rows[0]["packages_count"] == 1);
    CHECK(place.gestvenv({"node", "stop"}).status == 0);
    check_nothing_left(id, ::geteuid());
    CHECK(place.gestvenv({"run", "--env", "ci-test", "true"}).status == 125);
}

TEST_CASE("of two creations at once one starts the node, and both have their environment there") {
    node_scene place;
    auto one = place.start({"ephemeral", "create", "one"});
    auto other = place.start({"ephemeral", "create", "other"});
    const auto first = one.wait();
    const auto second = other.wait();
    INFO(first.err << second.err);
    CHECK(first.status == 0);
    CHECK(second.status == 0);
    CHECK(says(first, "started a node") != says(second, "started a node"));
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 2);
}

TEST_CASE("listing and showing start no node") {
    node_scene place;
    CHECK(place.gestvenv({"ephemeral", "list"}).out == "no environments\n");
    CHECK(place.gestvenv({"ephemeral", "show", "none"}).status == 1);
    CHECK(place.json_of({"ephemeral", "stats", "--format", "json"})["active_environments"] == 0);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "--all", "--force"}).out == "no node runs\n");
    CHECK(place.gestvenv({"ephemeral", "packages", "none"}).status == 1);
    CHECK(place.node() == 0);
}

TEST_CASE("a node that is killed takes its environments down") {
    node_scene place;
    const auto id = place.create({"doomed"});
    const auto number = unique_number();
    auto running =
        place.start({"run", "--env", "doomed", "sh", "-c", "echo here; exec sleep 1000." + number});
    running.wait_for_lines(1);
    ::kill(place.node(), SIGKILL);
    CHECK(running.wait().status != 0);
    CHECK(wait_for_processes(number, 0));
    CHECK(place.gestvenv({"ephemeral", "cleanup", "--orphans"}).status == 0);
    check_nothing_left(id, ::geteuid());
    // And the next command starts another one.
    place.create({"doomed"});
}

TEST_CASE("a node that is stopped ends the commands in its environments") {
    node_scene place;
    const auto id = place.create({"held"});
    const auto number = unique_number();
    auto running = place.start({"run", "--env", "held", "sh", "-c", "echo here; exec sleep 1000." + number});
    running.wait_for_lines(1);
    CHECK(place.gestvenv({"node", "stop"}).status == 0);
    CHECK(running.wait().status != 0);
    CHECK(wait_for_processes(number, 0));
    check_nothing_left(id, ::geteuid());
}

TEST_CASE("an environment with an owner ends with that process") {
    node_scene place;
    std::string id;
    {
        started_program owner{{"sleep", "1000"}, place.where(), place.output_folder()};
        id = place.create({"owned", "--owner-pid", std::to_string(owner.pid())});
        CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).size() == 1);
    }
    CHECK(wait_until([&] { return place.json_of({"ephemeral", "list", "--format", "json"}).empty(); }));
    check_nothing_left(id, ::geteuid());
    auto shown = place.json_of({"ephemeral", "show", id, "--format", "json"});
    CHECK(shown["cause"] == "owner_gone");
}

TEST_CASE("a node of another version is refused, with what ends it") {
    node_scene place;
    place.create({"first"});
    auto record = nlohmann::json::parse(content_of(place.record()));
    record["version"] = "0.0.0";
    std::ofstream{place.record()} << record;
    auto refused = place.gestvenv({"ephemeral", "create", "second"});
    CHECK(refused.status == 125);
    CHECK(says(refused, "is of version 0.0.0"));
    CHECK(says(refused, "hint: gestvenv node stop"));
    auto listed = place.gestvenv({"ephemeral", "list"});
    CHECK(listed.status == 0);
    CHECK(listed.out.find("first") != std::string::npos);
}

TEST_CASE("the requirements of a new environment may come through a pipe, and be those of another folder") {
    node_scene place;
    auto piped = place.shell("echo six==1.16.0 | $GESTVENV ephemeral create piped --requirements /dev/stdin");
    INFO(piped.err);
    CHECK(piped.status == 0);
    files::create_directories(place.folder() / "a folder/with spaces");
    place.write("a folder/more.txt", "six==1.16.0\n");
    place.write("a folder/with spaces/all.txt", "-r ../more.txt\n");
    auto odd = place.shell(
        "cd 'a folder' && $GESTVENV ephemeral create odd -v --requirements 'with spaces/all.txt'");
    INFO(odd.err);
    CHECK(odd.status == 0);
    for (const char* name : {"piped", "odd"}) {
        auto packages = place.json_of({"ephemeral", "packages", name, "--format", "json"});
        REQUIRE(packages.size() == 1);
        CHECK(packages[0]["name"] == "six");
    }
}

TEST_CASE("defaults of an environment are those of the one who asks, not of the node") {
    node_scene place;
    place.create({"first"});
    place.where().variables["GESTVENV_EPHEMERAL_TTL"] = "120";
    place.where().variables["GESTVENV_EPHEMERAL_STORAGE"] = "disk";
    place.create({"second"});
    auto info = place.json_of({"ephemeral", "show", "second", "--format", "json"})["info"];
    CHECK(info["storage_backend"] == "disk");
    CHECK(info["max_idle_time"] == 300);
    CHECK_FALSE(info["expires_at"].is_null());
}

TEST_CASE("another user is not let in") {
    node_scene place;
    if (::geteuid() != 0)
        SKIP("only root can become another user");
    place.create({"mine"});
    // So that the socket itself decides, and not the folders around it.
    files::permissions(place.folder(), files::perms{0755});
    files::permissions(place.folder() / "run", files::perms{0755});
    files::permissions(place.folder() / "run/gestvenv", files::perms{0755});
    files::permissions(place.socket(), files::perms{0666});
    const auto program = place.folder() / "gestvenv";
    files::copy(built_program, program);
    auto refused = place.run({"setpriv", "--reuid", "23456", "--regid", "23456", "--clear-groups", "env",
                              "HOME=/", "XDG_STATE_HOME=/nowhere", program.string(), "--config",
                              (place.folder() / "gestvenv.toml").string(), "ephemeral", "list", "--node",
                              place.socket().string()});
    INFO(refused.err);
    CHECK(refused.status == 125);
    CHECK(refused.out.empty());
    CHECK(says(refused, "error: "));
}

TEST_CASE("a command in an environment cannot use the node that holds it") {
    node_scene place;
    place.create({"inside"});
    CHECK(place.gestvenv({"ephemeral", "list", "--node", place.socket().string()}).status == 0);
    auto refused = place.gestvenv({"run", "--env", "inside", "--", built_program, "ephemeral", "list",
                                   "--node", place.socket().string()});
    CHECK(refused.status == 125);
    CHECK(refused.out.empty());
    INFO(refused.err);
    CHECK(says(refused, "the connection")); // ended before an answer, or lost before the request was sent
}
