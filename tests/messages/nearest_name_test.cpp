// SPDX-License-Identifier: MIT
#include "messages/nearest_name.hpp"

#include <catch2/catch_test_macros.hpp>

using gestvenv::nearest_name;

namespace {

const std::vector<std::string> options{"-v", "--packages", "--python", "--pass-env", "--name", "--ttl"};

} // namespace

TEST_CASE("a slip of the fingers finds the option that was meant") {
    CHECK(nearest_name("--packags", options) == "--packages");
    CHECK(nearest_name("--pakcages", options) == "--packages");
    CHECK(nearest_name("--pass_env", options) == "--pass-env");
    CHECK(nearest_name("--tlt", options) == "--ttl");
    CHECK(nearest_name("--nam", options) == "--name");
    CHECK(nearest_name("-name", options) == "--name");
}

TEST_CASE("the beginning of a name is that name") {
    CHECK(nearest_name("--pac", options) == "--packages");
    CHECK(nearest_name("--pyt", options) == "--python");
}

TEST_CASE("nothing is suggested where nothing is near") {
    CHECK(!nearest_name("--receipt", options));
    CHECK(!nearest_name("-x", options));
    CHECK(!nearest_name("", options));
    CHECK(!nearest_name("--" + std::string(10'000, 'n'), options));
    CHECK(!nearest_name("--name", {}));
}
