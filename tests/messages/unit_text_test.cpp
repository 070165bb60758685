// SPDX-License-Identifier: MIT
#include "messages/unit_text.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace gestvenv;

TEST_CASE("a duration is a number of seconds, or of the unit behind it") {
    CHECK(seconds_in("90") == 90);
    CHECK(seconds_in("0.5") == 0.5);
    CHECK(seconds_in("90s") == 90);
    CHECK(seconds_in("250ms") == 0.25);
    CHECK(seconds_in("10m") == 600);
    CHECK(seconds_in("1.5h") == 5400);
    CHECK(seconds_in("2d") == 172'800);
    CHECK(seconds_in("-1") == -1);
    CHECK(seconds_in("1e2") == 100);
}

TEST_CASE("a size is a number of the documented unit, or of the unit behind it") {
    CHECK(bytes_in("512", 1 << 20) == 512.0 * (1 << 20));
    CHECK(bytes_in("512", 1) == 512);
    CHECK(bytes_in("512B", 1 << 20) == 512);
    CHECK(bytes_in("1K", 1) == 1024);
    CHECK(bytes_in("512M", 1) == 512.0 * (1 << 20));
    CHECK(bytes_in("512m", 1) == 512.0 * (1 << 20));
    CHECK(bytes_in("512MB", 1) == 512.0 * (1 << 20));
    CHECK(bytes_in("512MiB", 1) == 512.0 * (1 << 20));
    CHECK(bytes_in("1.5G", 1) == 1536.0 * (1 << 20));
    CHECK(bytes_in("2T", 1) == 2048.0 * (1 << 30));
}

TEST_CASE("what is no number with a known unit is nothing") {
    auto text = GENERATE(as<std::string>{}, "", "s", "M", "5 s", " 5", "+5", "5x", "5ss", "5Ms", "nan", "inf",
                         "1e400", "five", "5,0", "0x10");
    CAPTURE(text);
    CHECK(!seconds_in(text));
    CHECK(!bytes_in(text, 1));
}
