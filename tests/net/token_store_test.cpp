// SPDX-License-Identifier: MIT
#include "net/node/token_store.hpp"

#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>

using namespace gestvenv;
using namespace std::chrono_literals;

TEST_CASE("a token is known by its secret, which no file holds, until it is revoked") {
    test::temporary_folder folder;
    token_store store{folder.path()};
    auto made = store.create("ci", rest::right::write, std::nullopt);
    REQUIRE(made);
    auto found = store.find(made->secret);
    REQUIRE(found);
    CHECK(found->id == made->info.id);
    CHECK(found->may == rest::right::write);
    std::ifstream file{folder.path() / "tokens.json"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    CHECK(text.find(made->secret) == std::string::npos);
    CHECK(text.find(made->secret.substr(4)) == std::string::npos);
    struct stat status {};
    REQUIRE(::stat((folder.path() / "tokens.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    // Another process's object of the same file.
    token_store other{folder.path()};
    CHECK(other.find(made->secret));
    REQUIRE(other.revoke("ci"));
    auto refused = store.find(made->secret);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::not_authenticated);
    CHECK(other.revoke("ci").error().code == error_code::not_found);
}

TEST_CASE("a token that has expired, or was made up, lets no one in") {
    test::temporary_folder folder;
    token_store store{folder.path()};
    auto made = store.create("short", rest::right::read, 0s);
    REQUIRE(made);
    CHECK_FALSE(store.find(made->secret));
    CHECK_FALSE(store.find("gvt_0"));
    CHECK_FALSE(store.find(""));
    CHECK_FALSE(store.find(made->info.digest));
}

TEST_CASE("names of tokens are unique") {
    test::temporary_folder folder;
    token_store store{folder.path()};
    REQUIRE(store.create("a", rest::right::read, std::nullopt));
    auto again = store.create("a", rest::right::admin, std::nullopt);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == error_code::name_in_use);
    CHECK(store.list()->size() == 1);
}

TEST_CASE("a file of tokens that others can read is refused") {
    test::temporary_folder folder;
    token_store store{folder.path()};
    auto made = store.create("a", rest::right::read, std::nullopt);
    REQUIRE(made);
    REQUIRE(::chmod((folder.path() / "tokens.json").c_str(), 0644) == 0);
    auto found = store.find(made->secret);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == error_code::permission_denied);
}
