// SPDX-License-Identifier: MIT
// What a terminal is shown again when it is attached to a session.
#include "net/terminal/screen_modes.hpp"
#include "net/terminal/scrollback.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv::terminal;

TEST_CASE("modes that a program has left changed are known, wherever its output was cut") {
    const std::string output = "text\x1b[?1049h\x1b[?25l\x1b[?1;2004h\x1b=more\x1b[?1000h\x1b[?1000l\x1b[31m";
    for (std::size_t cut = 0; cut <= output.size(); ++cut) {
        screen_modes modes;
        modes.read(std::string_view{output}.substr(0, cut));
        modes.read(std::string_view{output}.substr(cut));
        CHECK(modes.set() == "\x1b[?1h\x1b[?25l\x1b[?1049h\x1b[?2004h\x1b=");
        CHECK(modes.reset() == "\x1b[?1l\x1b[?25h\x1b[?1049l\x1b[?2004l\x1b>");
    }
    screen_modes usual;
    usual.read("\x1b[?1049h\x1b[?25l\x1b"
               "c");
    CHECK(usual.set().empty());
    usual.read("\x1b[?9999999999999999h\x1b[?;;h\x1b[?12h");
    CHECK(usual.reset().empty());
}

TEST_CASE("what asks a terminal for an answer is not shown again") {
    CHECK(without_questions("a\x1b[6nb\x1b[cc\x1b[>cd\x1b[?2026$pe\x1b]11;?\x07"
                            "f\x1bP+q544e\x1b\\g\x1b[5n") == "abcdefg");
    const std::string kept = "\x1b[31mred\x1b[0m\x1b[2J\x1b]0;title\x07\x1b[?25l\x1b(B\x1b";
    CHECK(without_questions(kept) == kept);
    CHECK(without_questions("\x1b[3") == "\x1b[3");
}

TEST_CASE("a scrollback has bounds, begins with a line, and keeps the modes of what was cut") {
    scrollback shown;
    shown.add("\x1b[?1049h");
    for (int i = 0; i < 200'000; ++i)
        shown.add(std::to_string(i) + "\r\n");
    const auto again = shown.shown_again();
    CHECK(again.size() >= scrollback::kept - 16);
    CHECK(again.size() <= 2 * scrollback::kept + 64);
    CHECK(again.starts_with("\x1b[?1049h1"));
    CHECK(again.ends_with("\r\n199999\r\n"));
    scrollback without_lines;
    without_lines.add(std::string(3 * scrollback::kept, 'x'));
    CHECK(without_lines.shown_again().size() == scrollback::kept);
}
