// SPDX-License-Identifier: MIT
// `shell`, `attach` and `top` in `gestvenv console`: they have the terminal, and the console has it back after them.
#include "tests/end_to_end/console_at_terminal.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <string>
#include <vector>

using namespace gestvenv::test;

namespace {

constexpr const char* up = "\x1b[A";
constexpr const char* leave = "\x10\x11"; // Ctrl-P Ctrl-Q
constexpr const char* interrupt = "\x03";

/// A prompt that is a shell's, and no echo of a line.
void begin_shell(console_at_terminal& console, const std::string& line) {
    console.begin(line, "");
    console->type("echo it $((40 + 2)) runs\r");
    console->wait_for("it 42 runs");
}

/// The console edits lines as before, and knows what was typed.
void check_console(console_at_terminal& console, const std::string& earlier) {
    console->type(up);
    console->wait_for(earlier);
    console->type(interrupt);
    console.wait_for_prompt();
    console.answer("run printf 'a%s\n' lx\x7f"
                   "ive",
                   "alive");
}

} // namespace

TEST_CASE("a shell in a console has Ctrl-C and its own lines, and gives the terminal back") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    begin_shell(console, "shell");
    // Its own words show that the terminal is its own; bash loses a Ctrl-C between two commands.
    console->type("sh -c 'echo it sleeps $((1 + 1)); exec sleep 1000'; echo not reached $((1 + 1))\r");
    console->wait_for("it sleeps 2");
    console->type(interrupt);
    console->type("echo still $((20 + 3)) there\r");
    console->wait_for("still 23 there");
    console->type("exit 3\r");
    console.wait_for_prompt();
    CHECK(console->shown().find("not reached 2") == std::string::npos);
    check_console(console, "shell");
    // The status is the session's.
    console.answer("shell --set-env A=b -- sh -c 'echo \"[$A]\"; exit 4'; run printf 'not %s' run", "[b]");
    CHECK(console->shown().find("not run") == std::string::npos);
}

TEST_CASE("a session that was left goes on, and a console comes back to it") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    begin_shell(console, "shell");
    console->type("kept=here\r");
    console->type(leave);
    console->wait_for("come back with: attach work ");
    console.wait_for_prompt();
    check_console(console, "shell");
    console.begin("attach", "");
    console->type("echo \"<$kept>\"\r");
    console->wait_for("<here>");
    console->resize(101);
    console->type("stty size\r");
    console->wait_for("24 101");
    console->type("exit\r");
    console.wait_for_prompt();
    console.answer("attach", "error: ");
}

TEST_CASE("a console whose node dies under a session says so and has its terminal back") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    begin_shell(console, "shell");
    ::kill(place.node(), SIGKILL);
    console->wait_for("error: the node has closed the connection of a terminal session");
    console->wait_for("work has ended");
    console.expect_prompt("gestvenv> ");
    console.wait_for_prompt();
    console.answer("create again --ttl 600", "again");
    console.answer("list", "again");
}

TEST_CASE("a console that is told to end while a session runs leaves the session and ends") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    console.use("work");
    begin_shell(console, "shell");
    ::kill(console->pid(), SIGTERM);
    console->wait_for("goes on");
    console->wait_for_lines();
    CHECK(console->wait().signal == SIGTERM);
}

TEST_CASE("top in a console has the terminal until q or Ctrl-C") {
    node_scene place;
    place.create({"work"});
    console_at_terminal console{place};
    for (const char* end : {"q", interrupt}) {
        console.begin("top --interval 0.2", "q quit");
        console->wait_for("work");
        console->resize(110);
        console->type("/");
        console->wait_for("filter: _");
        console->type("\r");
        console->type(end);
        console.wait_for_prompt();
        console.answer("list", "work");
    }
    console->type(up);
    console->wait_for("list");
    console->type(interrupt);
    console.wait_for_prompt();
}

TEST_CASE("an embedded console has shells and top too") {
    node_scene place;
    console_at_terminal console{place, {"console", "--embedded"}};
    console.answer("create mine", "mine");
    console.use("mine");
    begin_shell(console, "shell");
    console->type(leave);
    console->wait_for("goes on");
    console.wait_for_prompt();
    console.begin("attach", "");
    console->type("exit\r");
    console.wait_for_prompt();
    console.begin("top", "q quit");
    console->wait_for("mine");
    console->type("q");
    console.wait_for_prompt();
    console->type("exit\r");
    console->wait_for("ending with the console: mine");
    CHECK(console->wait().status == 0);
    CHECK(place.node() == 0);
}
