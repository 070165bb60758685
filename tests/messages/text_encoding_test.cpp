// SPDX-License-Identifier: MIT
#include "messages/text_encoding.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

TEST_CASE("well-formed UTF-8 of every length is text") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain"));
    CHECK(is_utf8("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x8D"));
    CHECK(is_utf8(std::string_view{"a\0b", 3}));
    CHECK(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST_CASE("overlong forms, surrogates, orphan and missing bytes are not text") {
    for (auto bytes :
         {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\x80", "a\xFF", "\xE2\x82", "\xF0\x9F\x90", "\xC3"})
        CHECK_FALSE(is_utf8(bytes));
}

TEST_CASE("each ill-formed part becomes one replacement character") {
    CHECK(replace_invalid_utf8("a\xFF\xFE"
                               "b") == "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                       "b");
    CHECK(replace_invalid_utf8("\xE2\x82"
                               "z") == "\xEF\xBF\xBDz");
    CHECK(replace_invalid_utf8("\xF0\x9F\x90\x8D") == "\xF0\x9F\x90\x8D");
    CHECK(is_utf8(replace_invalid_utf8("\xED\xA0\x80\xC3")));
}

TEST_CASE("base64 gives every byte back") {
    std::string all;
    for (int length = 0; length < 260; ++length) {
        CHECK(from_base64(to_base64(all)) == all);
        all += static_cast<char>(length * 7 % 256);
    }
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("what is not canonical base64 is refused") {
    for (auto text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm-_"})
        CHECK_FALSE(from_base64(text));
}
