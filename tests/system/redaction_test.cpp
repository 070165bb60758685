// SPDX-License-Identifier: MIT
#include "system/redaction.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace gestvenv;

TEST_CASE("secrets in a text are masked, and the rest of it stays") {
    CHECK(without_secrets("cannot reach https://user:pass@host/simple") ==
          "cannot reach https://****@host/simple");
    CHECK(without_secrets("GET /x?token=abc&limit=5") == "GET /x?token=****&limit=5");
    CHECK(without_secrets("Authorization: Bearer abc.def") == "Authorization: Bearer ****");
    CHECK(without_secrets("sent Bearer abc.def to it") == "sent Bearer **** to it");
    CHECK(without_secrets("API_TOKEN=abc PATH=/bin") == "API_TOKEN=**** PATH=/bin");
    CHECK(without_secrets(R"({"password": "abc", "name": "x"})") == R"({"password": "****", "name": "x"})");
    CHECK(without_secrets("the token gvt_abc_DEF-1 is unknown") == "the token gvt_**** is unknown");
    CHECK(without_secrets("the token is unknown") == "the token is unknown");
    CHECK(without_secrets("").empty());
    CHECK(without_secrets("a://@").size() < 12);
}

TEST_CASE("names of secrets are known by their words, however they are written") {
    for (const auto* name :
         {"API_TOKEN", "password", "AWS_SECRET_ACCESS_KEY", "db-passwd", "OTHER_API_KEY", "x-api-key"})
        CHECK(names_secret(name));
    for (const auto* name : {"PATH", "HOME", "PIP_INDEX_URL", "monkey", "keyboard", ""})
        CHECK_FALSE(names_secret(name));
}

TEST_CASE("a value that was named as a secret is masked wherever it is") {
    keep_secret("correct-horse-of-this-test");
    CHECK(without_secrets("it was correct-horse-of-this-test, twice: correct-horse-of-this-test") ==
          "it was ****, twice: ****");
    keep_secret("abc"); // would mask parts of words
    CHECK(without_secrets("abc") == "abc");
}
