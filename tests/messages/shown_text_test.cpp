// SPDX-License-Identifier: MIT
#include "messages/shown_text.hpp"

#include <catch2/catch_test_macros.hpp>

using gestvenv::shown;

TEST_CASE("what is shown of a value is short, and harmless to a terminal") {
    CHECK(shown("abc") == "`abc`");
    CHECK(shown("a\nb\x1b[31m") == "`a\\x0ab\\x1b[31m`");
    CHECK(shown(std::string(100, 'x')) == "`" + std::string(60, 'x') + "...`");
    CHECK(shown("\xff") == "`\xef\xbf\xbd`");
    // Cut between characters, not inside one.
    std::string umlauts;
    for (int count = 0; count < 100; ++count)
        umlauts += "\xc3\xa4";
    CHECK(shown(umlauts) == "`" + umlauts.substr(0, 120) + "...`");
}
