// SPDX-License-Identifier: MIT
#include <gestvenv/removal_counters.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include "messages/json.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

TEST_CASE("what several attempts have removed is told as a sum") {
    teardown_receipt receipt;
    receipt.add({1, 2, 3, 4, 5, 6});
    receipt.add({10, 20, 30, 40, 50, 60});
    CHECK(static_cast<const removal_counters&>(receipt) == removal_counters{11, 22, 33, 44, 55, 66});
}

TEST_CASE("a receipt has its counters beside everything else") {
    teardown_receipt receipt;
    receipt.environment_id = "an-id";
    receipt.add({1, 2, 3, 4, 5, 6});
    auto json = to_json_value(receipt);
    CHECK(json["environment_id"] == "an-id");
    CHECK(json["processes_killed"] == 1);
    CHECK(json["mounts_removed"] == 2);
    CHECK(json["cgroups_removed"] == 3);
    CHECK(json["files_removed"] == 4);
    CHECK(json["bytes_removed"] == 5);
    CHECK(json["segments_removed"] == 6);
    auto back = from_json_value<teardown_receipt>(json);
    REQUIRE(back);
    CHECK(*back == receipt);
}
