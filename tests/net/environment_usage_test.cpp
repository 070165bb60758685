// SPDX-License-Identifier: MIT
#include "net/rest/environment_usage.hpp"

#include "messages/json.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>

using namespace gestvenv;
using namespace gestvenv::rest;

namespace {

environment_usage used(const std::string& name) {
    return {"id-" + name,
            name,
            environment_status::running,
            std::chrono::system_clock::time_point{std::chrono::seconds{7}},
            1.5,
            10,
            std::nullopt,
            20,
            3};
}

} // namespace

TEST_CASE("what each environment uses comes back from its columns, as JSON too") {
    auto limited = used("b");
    limited.memory_limit_bytes = 4096;
    usage_columns columns;
    columns.add(used("a"));
    columns.add(limited);
    auto read = from_json_value<usage_columns>(to_json_value(columns));
    REQUIRE(read);
    CHECK(*read == columns);
    auto rows = std::move(*read).rows();
    REQUIRE(rows);
    CHECK(*rows == std::vector{used("a"), limited});
    CHECK(usage_columns{}.rows()->empty());
}

TEST_CASE("columns of different lengths are no environments") {
    usage_columns columns;
    columns.add(used("a"));
    columns.processes.push_back(1);
    const auto rows = std::move(columns).rows();
    CHECK_FALSE(rows);
}
