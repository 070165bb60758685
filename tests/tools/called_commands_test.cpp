// SPDX-License-Identifier: MIT
// How texts call commands, by the console that shows them.
#include "tools/gestvenv/output/output.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv::cli;

TEST_CASE("a text calls commands as they are typed where it is shown") {
    constexpr const char* text = "gestvenv ephemeral list, gestvenv node stop, gestvenv run";
    CHECK(as_called(text) == text);
    call_as_in(console_kind::about_all);
    CHECK(as_called(text) == "list, node stop, gestvenv run");
    call_as_in(console_kind::about_one_environment);
    CHECK(as_called(text) == "list, gestvenv node stop, gestvenv run");
    call_as_in(console_kind::none);
    CHECK(as_called(text) == text);
}
