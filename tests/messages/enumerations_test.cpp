// SPDX-License-Identifier: MIT
#include <gestvenv/enumerations.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>

using namespace gestvenv;

namespace {

/// How many values of the one-byte `Enum` have a spelling; fails when two share one or one does not read
/// back.
template <class Enum>
std::size_t spelled_values() {
    std::set<std::string> seen;
    for (int raw = 0; raw <= 255; ++raw) {
        auto value = static_cast<Enum>(raw);
        auto text = to_string(value);
        if (text.empty())
            continue;
        CHECK(seen.emplace(text).second);
        auto back = Enum{};
        CHECK(from_string(text, back));
        CHECK(back == value);
    }
    return seen.size();
}

} // namespace

TEST_CASE("every enumerator has a spelling of its own that reads back") {
    CHECK(spelled_values<backend>() == 5);
    CHECK(spelled_values<environment_status>() == 7);
    CHECK(spelled_values<isolation_level>() == 4);
    CHECK(spelled_values<security_mode>() == 3);
    CHECK(spelled_values<shared_memory>() == 2);
    CHECK(spelled_values<storage_backend>() == 3);
    CHECK(spelled_values<containment>() == 4);
    CHECK(spelled_values<cleanup_reason>() == 11);
}

TEST_CASE("the spellings are those the API's users know") {
    CHECK(to_string(isolation_level::namespace_) == "namespace");
    CHECK(to_string(environment_status::cleaning_up) == "cleaning_up");
    CHECK(to_string(cleanup_reason::force_cleanup_old) == "force_cleanup_old");
    CHECK(to_string(backend::poetry) == "poetry");
}

TEST_CASE("a text that spells no enumerator leaves the value alone") {
    auto value = backend::pdm;
    CHECK_FALSE(from_string("", value));
    CHECK_FALSE(from_string("UV", value));
    CHECK_FALSE(from_string("uv ", value));
    CHECK_FALSE(from_string("conda", value));
    CHECK(value == backend::pdm);
    auto level = isolation_level::chroot;
    CHECK_FALSE(from_string("namespace_", level));
    CHECK(level == isolation_level::chroot);
}

TEST_CASE("a value that is none of the enumerators is spelled as nothing") {
    CHECK(to_string(static_cast<backend>(200)).empty());
    CHECK(to_string(static_cast<cleanup_reason>(11)).empty());
}
