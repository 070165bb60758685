// SPDX-License-Identifier: MIT
#include "messages/listed_words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace gestvenv;

using words = std::vector<std::string_view>;

TEST_CASE("words are listed as a sentence has them") {
    CHECK(listed(words{}, "or").empty());
    CHECK(listed(words{"a"}, "or") == "a");
    CHECK(listed(words{"a", "b"}, "and") == "a and b");
    CHECK(listed(words{"a", "b", "c"}, "or") == "a, b or c");
}

TEST_CASE("small counts are words") {
    CHECK(in_words(0) == "zero");
    CHECK(in_words(4) == "four");
    CHECK(in_words(12) == "twelve");
    CHECK(in_words(13) == "13");
}
