// SPDX-License-Identifier: MIT
// `gestvenv ephemeral cleanup --all` in front of a person: what it asks, and what comes of the answers.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/end_to_end/pty_session.hpp"
#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <set>
#include <string>
#include <vector>

using namespace gestvenv::test;

namespace {

struct question_scene : node_scene {
    explicit question_scene(const std::vector<std::string>& names = {"one", "two", "three"}) {
        where().variables["TERM"] = "dumb";
        where().variables["NO_COLOR"] = "1";
        for (const auto& name : names)
            create({name});
    }

    std::set<std::string> living() {
        std::set<std::string> names;
        for (const auto& one : json_of({"ephemeral", "list", "--format", "json"}))
            names.insert(one["name"].get<std::string>());
        return names;
    }
};

/// The command on a terminal.
class asking {
public:
    explicit asking(scene& place)
        : session_({built_program, "ephemeral", "cleanup", "--all"}, place.where()) {}

    pty_session* operator->() noexcept { return &session_; }

    /// Waits for the next question; returns the name in it.
    std::string name_asked() { return name_asked(session_); }
    static std::string name_asked(pty_session& session) {
        session.wait_for("Destroy ");
        session.wait_for("? [y/N] ");
        const auto& shown = session.shown();
        const auto begin = shown.rfind("Destroy ") + 8;
        return shown.substr(begin, shown.find(" (ready, ", begin) - begin);
    }

private:
    pty_session session_;
};

} // namespace

TEST_CASE("cleanup of all environments asks about each, and ends those that are answered with yes") {
    question_scene place;
    asking cleanup{place};
    std::set<std::string> asked;
    for (int count = 0; count < 3; ++count) {
        const auto name = cleanup.name_asked();
        asked.insert(name);
        cleanup->type(name == "two" ? "y\r" : name == "one" ? "n\r" : "\r");
    }
    CHECK(cleanup->wait().status == 0);
    CHECK(asked == std::set<std::string>{"one", "two", "three"});
    CHECK(place.living() == std::set<std::string>{"one", "three"});
}

TEST_CASE("one answer can be for all environments that follow, in both directions") {
    question_scene place;
    {
        asking stopped{place};
        stopped.name_asked();
        stopped->type("q\r");
        CHECK(stopped->wait().status == 0);
    }
    CHECK(place.living().size() == 3);
    asking cleanup{place};
    const auto kept = cleanup.name_asked();
    cleanup->type("n\r");
    cleanup.name_asked();
    cleanup->type("a\r");
    CHECK(cleanup->wait().status == 0);
    CHECK(place.living() == std::set<std::string>{kept});
}

TEST_CASE("an answer that is none of them is explained, and asked for again") {
    question_scene place{{"single"}};
    asking cleanup{place};
    CHECK(cleanup.name_asked() == "single");
    cleanup->type("perhaps\r");
    cleanup->wait_for("q: stop");
    CHECK(cleanup.name_asked() == "single");
    cleanup->type("yes\r");
    CHECK(cleanup->wait().status == 0);
    CHECK(place.living().empty());
}

TEST_CASE("the end of the input, and Ctrl-C, at a question keep what was not ended yet") {
    question_scene place{{"first", "second"}};
    {
        asking cleanup{place};
        cleanup.name_asked();
        cleanup->type("\x04");
        CHECK(cleanup->wait().status == 0);
    }
    asking interrupted{place};
    interrupted.name_asked();
    interrupted->type("\x03");
    CHECK(interrupted->wait().signal == SIGINT);
    CHECK(place.living() == std::set<std::string>{"first", "second"});
}

TEST_CASE("a yes ends no environment in which a command runs, and says what does") {
    question_scene place{{"busy"}};
    auto running = place.start({"run", "--env", "busy", "sh", "-c", "echo here; exec sleep 1000"});
    running.wait_for_lines(1);
    asking cleanup{place};
    cleanup->wait_for("Destroy busy (running, ");
    cleanup->wait_for("? [y/N] ");
    cleanup->type("y\r");
    cleanup->wait_for("--force");
    CHECK(cleanup->wait().status == 125);
    CHECK(place.living() == std::set<std::string>{"busy"});
}

TEST_CASE("a console asks the same, and Ctrl-C at a question ends the command alone") {
    question_scene place{{"work"}};
    place.where().variables["HOME"] = place.folder().string(); // no ~/.editrc
    pty_session console{{built_program, "console"}, place.where()};
    console.wait_for("gestvenv> ");
    console.type("cleanup --all\r");
    CHECK(asking::name_asked(console) == "work");
    console.type("\x03");
    console.wait_for("gestvenv> ");
    CHECK(place.living() == std::set<std::string>{"work"});
    console.type("cleanup --all\r");
    CHECK(asking::name_asked(console) == "work");
    console.type("y\r");
    console.wait_for("gestvenv> ");
    CHECK(place.living().empty());
    console.type("\x04");
    CHECK(console.wait().status == 0);
}
