// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/line_words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv::cli;

using texts = std::vector<std::string>;

TEST_CASE("a text is unfinished while a quote is open or a backslash is its last character") {
    for (const char* text : {"run sh -c 'a", "run sh -c \"a", "list \\", "a 'b\nc", "\"it's"})
        CHECK(is_unfinished(text));
    for (const char* text : {"", "list", "run sh -c 'a'", "a \\\nb", "list # don't", "run \"it's\"", "a \\'"})
        CHECK_FALSE(is_unfinished(text));
}

TEST_CASE("commands stand between newlines and semicolons that are not quoted, without comments") {
    CHECK(commands_in("list; stats\nshow a") == texts{"list", " stats", "show a"});
    CHECK(commands_in("run sh -c 'a; b'; list") == texts{"run sh -c 'a; b'", " list"});
    CHECK(commands_in("run sh -c \"a\nb\"") == texts{"run sh -c \"a\nb\""});
    CHECK(commands_in("# all of it; list") == texts{});
    CHECK(commands_in("list # rest; of it\nstats") == texts{"list ", "stats"});
    CHECK(commands_in("install a#b '#c'") == texts{"install a#b '#c'"});
    CHECK(commands_in(";; \n\t;") == texts{});
    CHECK(commands_in("list \\\n --all") == texts{"list \\\n --all"});
}

TEST_CASE("the last command's words are known while it is typed") {
    auto typed = typed_words_in("list; show ci-t");
    CHECK(typed.before == texts{"show"});
    CHECK(typed.last == "ci-t");
    typed = typed_words_in("run sh -c 'a b' x");
    CHECK(typed.before == texts{"run", "sh", "-c", "a b"});
    CHECK(typed.last == "x");
    CHECK_FALSE(typed.is_quoted);
    CHECK(typed_words_in("run 'a b").is_quoted);
    CHECK(typed_words_in("show ").last.empty());
    CHECK(typed_words_in("run ''").before == texts{"run"});
}
