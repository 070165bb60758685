// SPDX-License-Identifier: MIT
// A command in an environment of the node is in front of its caller as if it had been started by hand, and leaves the
// environment there.
#include "net/http/client.hpp"
#include "tests/end_to_end/pty_session.hpp"
#include "tests/support/places.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <poll.h>
#include <string>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

/// A node of the test's own, with an environment called `ci-test`.
class node_scene {
public:
    node_scene() {
        auto started = place.gestvenv({"node", "start", "--socket", socket()});
        INFO(started.err);
        REQUIRE(started.status == 0);
        http::request creation;
        creation.method = "POST";
        creation.target = "/api/v1/ephemeral/environments";
        creation.headers.add("Content-Type", "application/json");
        creation.body = R"({"name": "ci-test"})";
        auto client = http::client::connect({.socket = socket()}, {});
        REQUIRE(client);
        auto made = client->ask(creation);
        REQUIRE(made);
        REQUIRE(made->status == 201);
    }
    node_scene(const node_scene&) = delete;
    node_scene& operator=(const node_scene&) = delete;
    ~node_scene() { place.gestvenv({"node", "stop"}); }

    std::string socket() const { return (place.folder() / "node.sock").string(); }

    /// The newest operation, when it has ended.
    nlohmann::json newest_when_ended() const {
        http::request asked;
        asked.method = "GET";
        asked.target = "/api/v1/operations?limit=1";
        auto client = http::client::connect({.socket = socket()}, {});
        REQUIRE(client);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            auto answer = client->ask(asked);
            REQUIRE(answer);
            REQUIRE(answer->status == 200);
            auto newest = nlohmann::json::parse(answer->body)["items"][0];
            if (newest["status"] != "running" || std::chrono::steady_clock::now() >= deadline)
                return newest;
            ::poll(nullptr, 0, 20);
        }
    }

    scene place;
};

} // namespace

TEST_CASE(
    "a command in an environment that is there has its caller's streams, folder, variables and settings") {
    node_scene node;
    auto& place = node.place;
    auto result = place.shell(
        "ulimit -S -n 77; umask 0027; echo text | nice -n 5 \"$GESTVENV\" run --env ci-test --set-env A=b "
        "sh -c 'cat; echo $A; pwd; ulimit -n; umask; nice; echo err >&2; exit 7'");
    CHECK(result.out == "text\nb\n" + place.folder().string() + "\n77\n0027\n5\n");
    CHECK(result.err == "err\n");
    CHECK(result.status == 7);
    result = place.gestvenv(
        {"run", "--env", "ci-test", "python", "-c", "import sys; print(sys.prefix != sys.base_prefix)"});
    CHECK(result.out == "True\n");
}

TEST_CASE("the terminal is given back by the node when a program that uses it is killed") {
    node_scene node;
    pty_session session{
        {"sh", "-c",
         "\"$GESTVENV\" run --env ci-test sh -c 'echo ready; exec sleep 600'; echo status $?; "
         "read line; echo \"<$line>\""},
        node.place.where()};
    const auto before = session.modes();
    session.wait_for("ready");
    session.wait_for_raw();
    // Of the shell, not of what runs in the environment.
    const auto killed = node.place.run({"pkill", "-KILL", "-P", std::to_string(session.pid()), "gestvenv"});
    REQUIRE(killed.status == 0);
    session.wait_for("status 137");
    session.wait_for_lines();
    CHECK(session.modes().c_lflag == before.c_lflag);
    CHECK(session.modes().c_oflag == before.c_oflag);
    session.type("text\r");
    session.wait_for("<text>\r\n");
    CHECK(session.wait().status == 0);
}

TEST_CASE("what one command leaves in an environment the next one finds, and artifacts are copied out") {
    node_scene node;
    auto& place = node.place;
    CHECK(
        place.gestvenv({"run", "--env", "ci-test", "--work-folder", "sh", "-c", "echo kept >file"}).status ==
        0);
    CHECK(place.gestvenv({"run", "--env", "ci-test", "--work-folder", "--artifacts", "*=out", "cat", "file"})
              .out == "kept\n");
    CHECK(content_of(place.folder() / "out" / "file") == "kept\n");
    CHECK(place.gestvenv({"run", "--env", "ci-test", "--output-limit", "4", "echo", "123456"}).out == "1234");
}

TEST_CASE("a command in an environment that is there gets signals, and dies with its caller") {
    node_scene node;
    auto& place = node.place;
    auto program = place.start({"run", "--env", "ci-test", "sh", "-c",
                                "trap 'echo heard; exit 3' TERM; echo ready; while :; do sleep 0.02; done"});
    program.wait_for_lines(1);
    program.send(SIGTERM);
    auto ended = program.wait();
    CHECK(ended.out == "ready\nheard\n");
    CHECK(ended.status == 3);
    CHECK(node.newest_when_ended()["status"] == "succeeded");

    const auto word = unique_number();
    auto killed = place.start({"run", "--env", "ci-test", "sh", "-c", "echo ready; sleep 600." + word});
    killed.wait_for_lines(1);
    REQUIRE(wait_for_processes(word, 3)); // gestvenv, the shell and sleep
    killed.send(SIGKILL);
    CHECK(killed.wait().signal == SIGKILL);
    CHECK(wait_for_processes(word, 0));
    const auto operation = node.newest_when_ended();
    CHECK(operation["status"] == "cancelled");
    CHECK(operation["problem"]["code"] == "cancelled");
    CHECK(operation["problem"]["message"].get<std::string>().find("its client has gone") !=
          std::string::npos);
    CHECK(operation["result"]["returncode"] != 0);
    CHECK(place.gestvenv({"run", "--env", "ci-test", "echo", "there"}).out == "there\n");
}

TEST_CASE("a command in an environment that is there has its caller's terminal") {
    node_scene node;
    pty_session session{{built_program, "run", "--env", "ci-test", "python", "-c",
                         "import sys; print(sys.stdin.isatty(), sys.stdout.isatty()); print('got', input())"},
                        node.place.where()};
    session.wait_for("True True");
    session.type("text\n");
    session.wait_for("got text");
    CHECK(session.wait().status == 0);
}

TEST_CASE("limits of time and commands that are not there are told as by a run of its own") {
    node_scene node;
    auto& place = node.place;
    auto late = place.gestvenv({"run", "--env", "ci-test", "--timeout", "0.2s", "sleep", "600"});
    CHECK(late.status == 124);
    CHECK(place.gestvenv({"run", "--env", "ci-test", "no-such-program"}).status == 127);
    CHECK(place.gestvenv({"run", "--env", "ci-test", "/etc/passwd"}).status == 126);
}

TEST_CASE("an environment that is not there is status 125, with the name that may have been meant") {
    {
        node_scene node;
        auto result = node.place.gestvenv({"run", "--env", "ci-tset", "true"});
        CHECK(result.status == 125);
        CHECK(result.err.find("did you mean `ci-test`?") != std::string::npos);
    }
    scene without_node;
    auto result = without_node.gestvenv({"run", "--env", "ci-test", "true"});
    CHECK(result.status == 125);
    CHECK(result.err.find("no node runs") != std::string::npos);
}

TEST_CASE("options that make an environment are refused beside one that is there") {
    scene place;
    for (const auto& words : std::vector<std::vector<std::string>>{{"--packages", "rich"},
                                                                   {"--ttl", "60"},
                                                                   {"--max-memory", "1G"},
                                                                   {"--max-processes", "10"},
                                                                   {"--name", "other"},
                                                                   {"--receipt", "-"}}) {
        std::vector<std::string> all{"run", "--env", "ci-test"};
        all.insert(all.end(), words.begin(), words.end());
        all.emplace_back("true");
        auto result = place.gestvenv(all);
        INFO(words.front());
        CHECK(result.status == 2);
        CHECK(result.err.find("--env and " + words.front() + " are both given") != std::string::npos);
    }
    CHECK(place.gestvenv({"run", "--env", "", "true"}).status == 2);
}
