// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/text_table.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv::cli;

TEST_CASE("a table is as wide as its cells, whatever bytes their characters take") {
    CHECK(text_table({{"A", "B"}, {"größe", "x"}, {"y"}}) == "  A      B\n  größe  x\n  y\n");
}

TEST_CASE("a table that is too wide is cut in its widest columns") {
    const std::vector<text_row> rows{{"ID", "TEXT"}, {"12345678", "a long text that does not fit"}};
    CHECK(text_table(rows, 30) == "  ID        TEXT\n  12345678  a long text that …\n");
    // What is left of a column says something.
    CHECK(text_table(rows, 5) == "  ID        TEXT\n  12345678  a long …\n");
}
