// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/detach_keys.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv::cli;

TEST_CASE("keys that leave a session are named as docker names them") {
    auto parsed = [](const char* text) { return parse_detach_keys("--detach-keys", text).value(); };
    CHECK(parsed(usual_detach_keys) == "\x10\x11");
    CHECK(parsed("ctrl-a,d") == "\x01"
                                "d");
    CHECK(parsed("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_") == "\x1b\x1c\x1d\x1e\x1f");
    CHECK(parsed("ctrl-Z") == "\x1a");
    for (const char* wrong : {"", ",", "ctrl-", "ctrl-1", "ctrl-@", "ab", "a,,b", "a,", "alt-x",
                              "a,a,a,a,a,a,a,a,a,a,"
                              "a,a,a,a,a,a,a"}) {
        INFO(wrong);
        CHECK_FALSE(parse_detach_keys("--detach-keys", wrong).has_value());
    }
}

TEST_CASE("what only begins like the keys that leave is passed on, late") {
    detach_keys keys{"ab"};
    std::string passed;
    CHECK_FALSE(keys.read("xa", passed));
    CHECK(passed == "x");
    CHECK_FALSE(keys.read("a", passed));
    CHECK(passed == "xa");
    CHECK_FALSE(keys.read("c", passed));
    CHECK(passed == "xaac");
    CHECK(keys.read("ab", passed));
    CHECK(passed == "xaac");

    detach_keys repeated{"aab"};
    std::string other;
    CHECK(repeated.read("aaab", other));
    CHECK(other == "a");
}
