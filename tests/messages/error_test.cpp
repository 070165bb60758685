// SPDX-License-Identifier: MIT
#include <gestvenv/error.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

TEST_CASE("every error code has a spelling that reads back, and 0 is none") {
    CHECK(to_string(error_code{}).empty());
    int spelled = 0;
    for (int raw = 0; raw <= 255; ++raw) {
        auto code = static_cast<error_code>(raw);
        if (to_string(code).empty())
            continue;
        ++spelled;
        auto back = error_code{};
        CHECK(from_string(to_string(code), back));
        CHECK(back == code);
    }
    CHECK(spelled == static_cast<int>(error_code::request_conflict));
}

TEST_CASE("an unknown error code leaves the value alone") {
    auto code = error_code::storage_full;
    CHECK_FALSE(from_string("", code));
    CHECK_FALSE(from_string("no_such_code", code));
    CHECK(code == error_code::storage_full);
}

TEST_CASE("an error without a hint is one line") {
    CHECK(render({error_code::storage_full, "the disk is full", {}, {}}) == "error: the disk is full");
}

TEST_CASE("an error with a hint shows it after a blank line") {
    CHECK(render({error_code::storage_full, "the disk is full", "box", "free some space"}) ==
          "error: the disk is full\n\nhint: free some space");
}
