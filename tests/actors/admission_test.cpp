// SPDX-License-Identifier: MIT
#include "actors/admission.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

namespace {

resource_limits limits_of(std::optional<megabytes> memory, std::optional<megabytes> disk) {
    resource_limits limits;
    limits.max_memory = memory;
    limits.max_disk = disk;
    return limits;
}

} // namespace

TEST_CASE("storage in RAM is reserved as memory, storage on disk as disk") {
    auto limits = limits_of(100, 200);
    auto in_memory = reservation_for(limits, storage_backend::tmpfs);
    CHECK(in_memory.memory == megabytes{300});
    CHECK(in_memory.disk == megabytes{0});
    auto on_disk = reservation_for(limits, storage_backend::disk);
    CHECK(on_disk.memory == megabytes{100});
    CHECK(on_disk.disk == megabytes{200});
}

TEST_CASE("fifty environments without limits of their own fit into the default totals, and not one more") {
    admission table{runtime_config{}};
    auto wanted = reservation_for({}, storage_backend::tmpfs);
    for (int i = 0; i < 50; ++i)
        REQUIRE(table.reserve(std::to_string(i), wanted));
    auto refused = table.reserve("50", wanted);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::resources_exhausted);
    CHECK(refused.error().message == "the limit of 50 environments at a time is reached");
}

TEST_CASE("a refusal says how much was asked for, what is left and what holds it, and reserves nothing") {
    runtime_config config;
    config.max_total_memory_mb = 1000;
    admission table{config};
    REQUIRE(table.reserve("a", {700, 0}));
    auto refused = table.reserve("b", {400, 0});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message ==
          "400 MB of memory (storage in RAM included) were asked for and 300 of 1000 MB are left; "
          "1 environments hold 700 MB");
    CHECK(table.total().memory == megabytes{700});
    CHECK(table.reserve("c", {300, 0}));
}

TEST_CASE("a request beyond all sizes is refused, not overflowed") {
    admission table{runtime_config{}};
    REQUIRE(table.reserve("a", {100, 0}));
    CHECK_FALSE(table.reserve("b", {INT64_MAX, 0}));
}

TEST_CASE("what is released can be reserved again, once") {
    runtime_config config;
    config.max_concurrent = 1;
    admission table{config};
    REQUIRE(table.reserve("a", {1, 1}));
    CHECK_FALSE(table.reserve("b", {1, 1}));
    CHECK(table.release("a"));
    CHECK_FALSE(table.release("a"));
    CHECK(table.reserve("b", {1, 1}));
    CHECK(table.total().disk == megabytes{1});
}
