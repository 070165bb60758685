// SPDX-License-Identifier: MIT
// `gestvenv ephemeral shell` and `attach`: a terminal session in an environment of the node, which can be left.
#include "net/http/client.hpp"
#include "tests/end_to_end/node_scene.hpp"
#include "tests/end_to_end/pty_session.hpp"
#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <csignal>
#include <poll.h>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

constexpr const char* leave = "\x10\x11"; // Ctrl-P Ctrl-Q

/// A node with an environment called `box`.
struct box_scene : node_scene {
    box_scene() {
        where().variables["TERM"] = "dumb";
        create({"box"});
    }

    static std::vector<std::string> command(std::vector<std::string> words) {
        words.insert(words.begin(), {built_program, "ephemeral"});
        return words;
    }

    nlohmann::json sessions() const {
        auto client = http::client::connect({.socket = socket().string()}, {});
        REQUIRE(client);
        http::request asked;
        asked.method = "GET";
        asked.target = "/api/v1/ephemeral/environments/box/terminals";
        auto answer = client->ask(asked);
        REQUIRE(answer);
        REQUIRE(answer->status == 200);
        return nlohmann::json::parse(answer->body);
    }
    /// Until there are so many sessions, and so many terminals on which they are shown.
    bool becomes(std::size_t wanted, int attached) const {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < deadline) {
            int shown = 0;
            const auto all = sessions();
            for (const auto& one : all)
                shown += one["attached"].get<int>();
            if (all.size() == wanted && shown == attached)
                return true;
            ::poll(nullptr, 0, 20);
        }
        return false;
    }
};

/// Types a line, and waits for a word that its echo does not have.
void say(pty_session& session, const std::string& line, const std::string& word) {
    session.type(line + "; echo " + word + "$((40 + 2))\r");
    session.wait_for(word + "42");
}

void leave_session(pty_session& session) {
    session.type(leave);
    session.wait_for("goes on");
    CHECK(session.wait().status == 0);
}

} // namespace

TEST_CASE(
    "a shell in an environment has its terminal, its python and its caller's folder, and tells its status") {
    box_scene place;
    pty_session session{box_scene::command({"shell", "box", "--set-env", "A=b"}), place.where()};
    say(session, "test -t 0 && test -t 1 && test -t 2 && stty size", "tty");
    CHECK(session.shown().find("24 40") != std::string::npos);
    say(session, "cd . && pwd && echo a is $A", "there");
    CHECK(session.shown().find("a is b") != std::string::npos);
    CHECK(session.shown().find(place.folder().filename().string()) != std::string::npos);
    session.type("python -c 'import sys; print(sys.prefix != sys.base_prefix)'\r");
    session.wait_for("True");
    REQUIRE(place.sessions().size() == 1);
    session.type("exit 7\r");
    CHECK(session.wait().status == 7);
    CHECK(place.becomes(0, 0));

    pty_session python{box_scene::command({"shell", "box", "--python"}), place.where()};
    python.wait_for(">>> ");
    python.type("print(6 * 7)\r");
    python.wait_for("\n42");
    python.wait_for(">>> "); // between its lines it has no modes in which a key is one
    python.type("\x04");
    CHECK(python.wait().status == 0);

    pty_session other{box_scene::command({"shell", "box", "--work-folder", "--", "sh", "-c", "pwd; exit 3"}),
                      place.where()};
    other.wait_for("/work");
    CHECK(other.wait().status == 3);
}

TEST_CASE("a session that was left goes on, is listed, and is shown again with what it has written") {
    box_scene place;
    pty_session first{box_scene::command({"shell", "box"}), place.where()};
    say(first, "kept=value", "before");
    leave_session(first);
    auto sessions = place.sessions();
    REQUIRE(sessions.size() == 1);
    CHECK(sessions[0]["command"] == "bash");
    const auto id = sessions[0]["id"].get<std::string>();
    CHECK(place.becomes(1, 0));
    auto client = http::client::connect({.socket = place.socket().string()}, {});
    http::request asked;
    asked.method = "GET";
    asked.target = "/api/v1/operations/" + id;
    auto shown = place.json_of({"ephemeral", "show", "box", "--format", "json"})["terminal_sessions"];
    REQUIRE(shown.size() == 1);
    CHECK(shown[0] == sessions[0]);
    const auto table = [&place] { return place.gestvenv({"ephemeral", "show", "box"}).out; };
    CHECK(table().find("session  " + id.substr(0, 8) + "  `bash`, since 20") != std::string::npos);
    CHECK(table().find(", not attached\n") != std::string::npos);
    auto operation = nlohmann::json::parse(client->ask(asked)->body);
    CHECK(operation["status"] == "running");
    CHECK(operation["kind"] == "execute");

    pty_session again{box_scene::command({"attach", "box"}), place.where()};
    again.wait_for("before42");
    say(again, "echo it is $kept", "after");
    CHECK(again.shown().find("it is value") != std::string::npos);
    CHECK(table().find(", attached\n") != std::string::npos);
    leave_session(again);
    pty_session named{box_scene::command({"attach", "box", id.substr(0, 8)}), place.where()};
    named.wait_for("after42");
    named.type("exit 5\r");
    CHECK(named.wait().status == 5);
}

TEST_CASE("the keys that leave a session can be others, and what only begins like them is for the program") {
    box_scene place;
    pty_session session{
        box_scene::command({"shell", "box", "--detach-keys", "ctrl-a,d", "--", "python", "-c",
                            "import os, sys, termios, tty\n"
                            "tty.setraw(0)\n"
                            "os.write(1, b'ready')\n"
                            "while True: os.write(1, b'<%s>' % os.read(0, 100).hex().encode())"}),
        place.where()};
    session.wait_for("ready");
    session.type(leave);
    session.wait_for("11>"); // Ctrl-Q
    session.type("\x01");
    session.type("x");
    session.wait_for("78>");
    auto read = session.shown();
    std::erase_if(read, [](char byte) { return byte == '<' || byte == '>'; }); // however it was cut
    CHECK(read.find("10110178") != std::string::npos);
    session.type("\x01"
                 "d");
    session.wait_for("goes on");
    CHECK(session.wait().status == 0);
    CHECK(place.gestvenv({"ephemeral", "attach", "box", "--detach-keys", "ctrl-1"}).status == 2);
}

TEST_CASE("a terminal that is closed, and a signal, leave the session, with the modes as they were") {
    box_scene place;
    {
        pty_session closed{box_scene::command({"shell", "box"}), place.where()};
        say(closed, "a=1", "first");
        closed.hang_up();
        CHECK(closed.wait().status != 0);
    }
    CHECK(place.becomes(1, 0));
    pty_session told{box_scene::command({"attach", "box"}), place.where()};
    told.wait_for("first42");
    say(told, "b=$a", "second");
    CHECK(place.becomes(1, 1));
    told.wait_for_raw();
    ::kill(told.pid(), SIGTERM);
    told.wait_for("goes on");
    CHECK(told.wait().signal == SIGTERM);
    told.wait_for_lines();
    CHECK(place.becomes(1, 0));
}

TEST_CASE("a node that is killed is an error for who is attached, whose terminal is as it was") {
    box_scene place;
    pty_session session{{"bash", "-c", "\"$GESTVENV\" ephemeral shell box; echo status $?; stty -a"},
                        place.where()};
    say(session, "true", "there");
    session.wait_for_raw();
    REQUIRE(place.node() > 0);
    ::kill(place.node(), SIGKILL);
    session.wait_for("error: the node has closed the connection");
    session.wait_for("status 125");
    session.wait_for(" icanon");
    CHECK(session.wait().status == 0);
}

TEST_CASE("a session ends with its environment") {
    box_scene place;
    pty_session session{{"bash", "-c", "\"$GESTVENV\" ephemeral shell box; echo status $?; stty -a"},
                        place.where()};
    say(session, "true", "there");
    CHECK(place.gestvenv({"ephemeral", "cleanup", "box", "--force"}).status == 0);
    session.wait_for("status ");
    session.wait_for(" icanon");
    CHECK(session.wait().status == 0);
}

TEST_CASE("a session on two terminals has the size of the one that was attached last, and both show it") {
    box_scene place;
    pty_session first{box_scene::command({"shell", "box"}), place.where()};
    say(first, "true", "one");
    pty_session second{box_scene::command({"attach", "box"}), place.where()};
    second.wait_for("one42");
    second.resize(77);
    // Until the shell has heard of it.
    say(second, "until [ \"$(stty size)\" = '24 77' ]; do sleep 0.05; done", "wide");
    first.wait_for("wide42");
    first.resize(55); // not the last one
    // Keys may overtake the word of the new size, but not for several turns.
    for (int turn = 0; turn < 5; ++turn)
        say(first, "stty size", "still" + std::to_string(turn));
    CHECK(first.shown().find("24 55") == std::string::npos);
    leave_session(second);
    CHECK(place.becomes(1, 1));
    first.type("exit\r");
    CHECK(first.wait().status == 0);
}

TEST_CASE("a session that is shown nowhere does not wait, and what was written last is kept") {
    box_scene place;
    pty_session first{box_scene::command({"shell", "box"}), place.where()};
    say(first, "true", "there");
    first.type(
        "until [ -e go ]; do sleep 0.05; done; seq 1 200000; echo all$((40 + 2)) written >done; cat done\r");
    leave_session(first);
    CHECK(place.becomes(1, 0));
    place.write("go", "");
    const auto written = place.folder() / "done";
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (content_of(written).empty() && std::chrono::steady_clock::now() < deadline)
        ::poll(nullptr, 0, 20);
    CHECK(content_of(written) == "all42 written\n");
    pty_session again{box_scene::command({"attach", "box"}), place.where()};
    again.wait_for("\n200000");
    again.wait_for("all42 written");
    CHECK(again.shown().find("\n1\r\n2\r\n") == std::string::npos);
    again.type("exit\r");
    CHECK(again.wait().status == 0);
}

TEST_CASE("more keys than a program has room for reach it all the same") {
    box_scene place;
    pty_session session{box_scene::command({"shell", "box", "--", "sh", "-c",
                                            "stty raw -echo; echo ready; head -c 300000 | wc -c; stty sane"}),
                        place.where()};
    session.wait_for("ready");
    const std::string piece(1000, 'x');
    for (int i = 0; i < 300; ++i)
        session.type(piece);
    session.wait_for("300000");
    CHECK(session.wait().status == 0);
}

TEST_CASE("what cannot be attached is an error that says what there is") {
    box_scene place;
    auto piped = place.gestvenv({"ephemeral", "shell", "box"});
    CHECK(piped.status == 125);
    CHECK(piped.err.find("are not a terminal") != std::string::npos);
    auto attach = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "attach");
        pty_session session{box_scene::command(std::move(words)), place.where()};
        return session.wait();
    };
    auto none = attach({"box"});
    CHECK(none.status == 125);
    CHECK(none.out.find("has no terminal session") != std::string::npos);
    CHECK(attach({"bux"}).status == 125);
    pty_session first{box_scene::command({"shell", "box", "--", "cat"}), place.where()};
    pty_session second{box_scene::command({"shell", "box", "--", "sleep", "1000"}), place.where()};
    REQUIRE(place.becomes(2, 2));
    auto several = attach({"box"});
    CHECK(several.status == 125);
    CHECK(several.out.find("several terminal sessions") != std::string::npos);
    CHECK(several.out.find("(cat)") != std::string::npos);
    CHECK(attach({"box", "no-such"}).out.find("no terminal session no-such") != std::string::npos);
    pty_session missing{box_scene::command({"shell", "box", "--", "no-such-program"}), place.where()};
    auto failed = missing.wait();
    CHECK(failed.status == 127);
    CHECK(failed.out.find("no-such-program") != std::string::npos);
    CHECK(place.gestvenv({"ephemeral", "shell"}).status == 2);
    CHECK(place.gestvenv({"ephemeral", "shell", "box", "--python", "--", "cat"}).status == 2);
    CHECK(place.gestvenv({"ephemeral", "attach", "box", "a", "b"}).status == 2);
}
