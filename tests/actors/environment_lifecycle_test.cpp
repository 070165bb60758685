// SPDX-License-Identifier: MIT
#include "actors/environment_lifecycle.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <set>
#include <utility>

using namespace gestvenv;
using enum environment_status;

namespace {

constexpr std::array all{pending, creating, ready, running, cleaning_up, destroyed, failed};

// Written down a second time on purpose: the documented life, pending -> creating -> ready <-> running ->
// cleaning_up -> destroyed, failed from any of the first four, and the way out of each.
const std::set<std::pair<environment_status, environment_status>> documented{
    {pending, creating},    {creating, ready},       {ready, running},     {running, ready},
    {pending, failed},      {creating, failed},      {ready, failed},      {running, failed},
    {pending, cleaning_up}, {creating, cleaning_up}, {ready, cleaning_up}, {running, cleaning_up},
    {failed, cleaning_up},  {cleaning_up, destroyed}};

} // namespace

TEST_CASE("exactly the documented transitions of an environment are legal") {
    for (auto from : all)
        for (auto to : all) {
            INFO(to_string(from) << " -> " << to_string(to));
            CHECK(is_legal(from, to) == documented.contains({from, to}));
        }
}

TEST_CASE("an illegal transition is an error and changes nothing") {
    environment_lifecycle state;
    auto refused = state.go(running);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::illegal_transition);
    CHECK(state.now() == pending);
    CHECK(state.go(creating));
    CHECK(state.now() == creating);
}

TEST_CASE("nothing leaves destroyed") {
    for (auto to : all)
        CHECK_FALSE(is_legal(destroyed, to));
}
