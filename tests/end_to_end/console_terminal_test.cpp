// SPDX-License-Identifier: MIT
// `gestvenv console` in front of a person: a terminal, keys, and what is shown.
#include "tests/end_to_end/console_at_terminal.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <sys/stat.h>

using namespace gestvenv::test;

namespace {

constexpr const char* up = "\x1b[A";

} // namespace

TEST_CASE("what is typed is found again by a key at the next start, in a file of the user's alone") {
    node_scene place;
    {
        console_at_terminal console{place};
        console.answer("list --all", "no environments");
        console.answer(" stats --format json", "active_environments");
        console->type("exit 3\r");
        CHECK(console->wait().status == 3);
    }
    console_at_terminal console{place};
    console->type(up);
    console->wait_for("exit 3");
    console->type(up);
    console->wait_for("list --all"); // not what began with a space
    console->type("\r");
    console->wait_for("no environments");
    console.answer("history", "list --all");
    console->type("\x04"); // Ctrl-D
    CHECK(console->wait().status == 0);
    struct stat found {};
    REQUIRE(::stat((place.folder() / "state/gestvenv/console_history").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a key completes commands and living environments") {
    node_scene place;
    const auto id = place.create({"ci-completed"});
    place.create({"ci-other"});
    console_at_terminal console{place};
    console->type("sho\tci-c\t");
    console->wait_for("ompleted "); // what is put in is shown on its own
    console->type("\r");
    console->wait_for(id);
    console.wait_for_prompt();
    console->type("show c\t\t"); // as far as both go, and then what there is
    console->wait_for("ci-completed");
    console->wait_for("ci-other");
    console->type("\x03");
    console->wait_for("^C");
    console->type("show " + id.substr(0, 6) + "\t\r");
    console->wait_for(id);
    console->wait_for("ci-completed");
    console.wait_for_prompt();
}

TEST_CASE("a line goes on while a quote is open or a backslash ends it, and Ctrl-C gives it up") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    console->type("run sh -c 'echo begin\r");
    console->wait_for("> ");
    console->type("echo it goes on'\r");
    console->wait_for("begin");
    console->wait_for("it goes on");
    console.wait_for_prompt();
    console->type("run \\\r");
    console->wait_for("> ");
    console->type("printf 'jo%s\n' ined\r");
    console->wait_for("joined");
    console.wait_for_prompt();
    console->type("frobnicate 'a\r");
    console->wait_for("> ");
    console->type("\x03");
    console.wait_for_prompt();
    console.answer("run printf 'cl%s\n' ean", "clean");
    CHECK(console->shown().find("no command frobnicate") == std::string::npos);
    console.use("");
}

TEST_CASE("Ctrl-C ends the program that runs in an environment, and not the console") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    console->type("run sh -c 'trap \"echo it has heard; exit 4\" INT; echo it runs; sleep 1000 & wait'\r");
    console->wait_for("it runs\r\n");
    console->type("\x03");
    console->wait_for("it has heard");
    console.wait_for_prompt();
    console->type("run sh -c 'echo ready; exec sleep 1000'\r");
    console->wait_for("ready\r\n");
    console->type("\x03");
    console.wait_for_prompt();
    console.answer("run printf 'still %s\n' here", "still here");
}

TEST_CASE("Ctrl-C ends a command that follows or repeats, and an impatient one does not end the console") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console->type("events\r");
    console->wait_for("environment_ready");
    console->type("\x03");
    console.wait_for_prompt();
    console->type("logs work --follow\r");
    console->wait_for("environment_ready");
    console->type("\x03");
    console.wait_for_prompt();
    console->type("node logs --follow\r");
    console->wait_for("is ready at");
    console->type("\x03");
    console.wait_for_prompt();
    console->type("doctor\r");
    console->wait_for("trying"); // the first of many
    console->type("\x03");
    console.wait_for_prompt();
    console->type("watch --interval 0.2 list\r");
    for (int count = 0; count < 3; ++count)
        console->wait_for("work");
    console->type("\x03");
    console.wait_for_prompt();
    // By another process: the third within two seconds is of one who does not want to wait.
    console->type(
        "run --env work sh -c 'trap \"echo again\" INT; echo stubborn; while :; do sleep 99 & wait; done'\r");
    console->wait_for("stubborn\r\n");
    const std::vector<std::string> interrupt{"kill", "-2", std::to_string(console->pid())};
    for (int count = 0; count < 2; ++count) {
        place.run(interrupt);
        console->wait_for("again\r\n");
    }
    place.run(interrupt);
    console.wait_for_prompt();
    console.answer("list", "work");
}

TEST_CASE("Ctrl-C takes a creation back that waits") {
    node_scene place;
    place.where().variables["GESTVENV_EPHEMERAL_MAX_CONCURRENT"] = "1";
    place.create({"first"});
    console_at_terminal console{place};
    console->type("create second --wait-for-room 1h\r");
    console->wait_for("making second");
    console->type("\x03");
    console.wait_for_prompt();
    console.answer("cleanup first", "left         nothing");
    console.answer("create third", "third");
    CHECK(place.json_of({"ephemeral", "list", "--format", "json"})[0]["name"] == "third");
    CHECK(console->shown().find("error") == std::string::npos);
}

TEST_CASE("a console that is told to end while a command runs has it end first") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console->type(
        "run --env work sh -c 'trap \"echo it has heard; exit 3\" TERM; echo it runs; sleep 99 & wait'\r");
    console->wait_for("it runs\r\n");
    ::kill(console->pid(), SIGTERM);
    console->wait_for("it has heard\r\n");
    CHECK(console->wait().signal == SIGTERM);
}

TEST_CASE("a console whose node is killed says so, goes on, and uses the next one") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    console->type("run sh -c 'echo it runs; exec sleep 1000'\r");
    console->wait_for("it runs\r\n");
    ::kill(place.node(), SIGKILL);
    console->wait_for("error: ");
    // A process that is about to end still has its record.
    console->type("create again --ttl 600\r");
    console->wait_for("work has ended");
    console.expect_prompt("gestvenv> ");
    console.answer("list", "again");
}

TEST_CASE("a console follows the terminal's size, and takes characters of several bytes") {
    node_scene place;
    place.create({"work"});
    place.where().variables["LC_ALL"] = "C.UTF-8";
    console_at_terminal console{place};
    console.use("work");
    console->type("run echo äé\x7f\x7f");
    console->type("öß\r"); // two characters were taken back, not two bytes
    console->wait_for("\x1b[?2004l"
                      "öß\r\n");
    console.wait_for_prompt();
    console->type("run sh -c 'stty siz");
    console->wait_for("stty siz");
    console->resize(77);
    console->wait_for("stty siz"); // shown again
    console->type("e'\r");
    console->wait_for("24 77");
    console.wait_for_prompt();
}

TEST_CASE("lines that are pasted are run one after another, and no command reads another line") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    CHECK(console->shown().find("\x1b[?2004h") != std::string::npos);
    console.use("work");
    const std::string_view pasted = "run cat\r"
                                    "run printf 'pas%s\\n' ted\r\n"
                                    "run printf 'a%sb\\n'\tx\r"
                                    "list --al";
    console->type("\x1b[200~" + std::string{pasted} + "\x1b[201~");
    console->type("typed\r"); // for cat, which gets nothing of the paste
    console->wait_for("typed\r\ntyped\r\n");
    console->type("\x04");
    console->wait_for("pasted\r\n");
    console->wait_for("axb\r\n");
    console->wait_for("list --al"); // the last line is not ended
    console->type("l\r");
    console->wait_for("work");
    console.wait_for_prompt();
}

TEST_CASE("Ctrl-C in a command of lines that were pasted drops those after it") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    console->type(
        "\x1b[200~run sh -c 'echo it runs; exec sleep 1000'\rrun printf 'not %s\\n' reached\r\x1b[201~");
    console->wait_for("it runs\r\n");
    console->type("\x03");
    console.wait_for_prompt();
    console.answer("run printf 'aft%s\\n' er", "after\r\n");
    CHECK(console->shown().find("not reached\r\n") == std::string::npos);
}

TEST_CASE("a console gives the terminal back as it was, whatever ends it") {
    node_scene place;
    for (int signal : {0, SIGTERM, SIGHUP}) {
        console_at_terminal console{place};
        console->wait_for_raw();
        if (signal == 0)
            console->type("\x04");
        else
            ::kill(console->pid(), signal);
        console->wait_for_lines();
        const auto modes = console->modes();
        CHECK((modes.c_lflag & ISIG) != 0);
        CHECK((modes.c_lflag & ECHO) != 0);
        const auto ended = console->wait();
        CHECK(ended.signal == signal);
        // Nor does it bracket what is pasted any more.
        CHECK(console->shown().rfind("\x1b[?2004l") > console->shown().rfind("\x1b[?2004h"));
    }
}

TEST_CASE("an interactive environment has its name for a prompt, and ends with exit or Ctrl-D") {
    node_scene place;
    for (const char* end : {"exit\r", "\x04"}) {
        console_at_terminal console{place, {"ephemeral", "create", "scratch", "--interactive"}};
        console.expect_prompt("scratch> ");
        console.answer("run echo in it", "in it\r\n");
        console.answer("info", "scratch");
        console.answer("help", "install");
        console->type(end);
        console->wait_for("scratch has ended, and nothing is left of it");
        CHECK(console->wait().status == 0);
        CHECK(place.json_of({"ephemeral", "list", "--format", "json"}).empty());
    }
}

TEST_CASE("an interactive environment ends with its program") {
    node_scene place;
    const std::vector<std::string> list{"ephemeral", "list", "--format", "json"};
    console_at_terminal console{place, {"ephemeral", "create", "work", "--interactive"}};
    CHECK(place.json_of(list).size() == 1);
    ::kill(console->pid(), SIGKILL);
    console->wait();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!place.json_of(list).empty())
        REQUIRE(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("an embedded console on a terminal says that its environments end with it") {
    node_scene place;
    console_at_terminal console{place, {"console", "--embedded"}};
    CHECK(console->shown().find("end with the console") != std::string::npos);
    console.answer("create mine", "mine");
    console.answer("show min\t", "mine");
    console->type("exit\r");
    console->wait_for("ending with the console: mine");
    CHECK(console->wait().status == 0);
    CHECK(place.node() == 0);
}
