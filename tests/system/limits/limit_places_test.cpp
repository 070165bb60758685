// SPDX-License-Identifier: MIT
#include "system/limits/limit_places.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;

namespace {

limit_place here(std::string parent = {}) {
    return {true, std::move(parent), {}};
}
limit_place nowhere() {
    return {false, {}, "there is none"};
}

resource_limits all_limits() {
    resource_limits limits;
    limits.max_memory = 64;
    limits.max_cpu_percent = 50;
    limits.max_threads = 100;
    return limits;
}

using paths = std::vector<std::string>;

} // namespace

TEST_CASE("where version 2 has the controllers, no other group is needed") {
    limit_places places{here(), here(), here(), 1};
    auto plan = plan_limits(places, all_limits());
    CHECK(plan.memory_bytes == 64 << 20);
    CHECK(plan.cpu_percent == 50);
    CHECK(plan.threads == 100);
    CHECK_FALSE(plan.threads_in_namespace);
    CHECK(plan.parents(places).empty());
}

TEST_CASE("groups of version 1 are made only for limits that were asked for") {
    limit_places places{here("/m"), here("/c"), here("/p"), 1};
    CHECK(plan_limits(places, {}).parents(places).empty());
    CHECK(plan_limits(places, {}).threads_in_namespace == 512);
    CHECK(plan_limits(places, all_limits()).parents(places) == paths{"/m", "/c", "/p"});
}

TEST_CASE("threads are bounded by a group where a namespace cannot bound them so tightly") {
    limit_places places{here("/m"), here("/c"), here("/p"), 256};
    auto plan = plan_limits(places, all_limits());
    CHECK(plan.threads == 100);
    CHECK_FALSE(plan.threads_in_namespace);
    CHECK(plan.parents(places) == paths{"/m", "/c", "/p"});
}

TEST_CASE("controllers that share a hierarchy share a group") {
    limit_places places{here("/all"), here("/all"), here("/all"), {}};
    CHECK(plan_limits(places, all_limits()).parents(places) == paths{"/all"});
}

TEST_CASE(
    "a limit that cannot be kept is refused with the reason; the default bound of threads is let through") {
    limit_places none{nowhere(), nowhere(), nowhere(), {}};
    CHECK(check_limits(none, {}));
    auto refused = [&none](auto set) {
        resource_limits limits;
        set(limits);
        auto checked = check_limits(none, limits);
        return !checked && checked.error().code == error_code::isolation_unavailable &&
               checked.error().message.find("there is none") != std::string::npos;
    };
    CHECK(refused([](auto& limits) { limits.max_memory = 1; }));
    CHECK(refused([](auto& limits) { limits.max_cpu_percent = 1; }));
    CHECK(refused([](auto& limits) { limits.max_threads = 5; }));
    none.least_in_namespace = 5;
    CHECK_FALSE(refused([](auto& limits) { limits.max_threads = 5; }));
}

TEST_CASE("no bound of processes or threads is made where none is wanted") {
    limit_places places{here("/m"), here("/c"), here("/p"), 1};
    resource_limits limits;
    limits.max_processes = unlimited_count;
    auto plan = plan_limits(places, limits);
    CHECK(plan.processes == 0);
    CHECK_FALSE(plan.threads);
    CHECK_FALSE(plan.threads_in_namespace);
    limits.max_processes = 10;
    limits.max_threads = unlimited_count;
    plan = plan_limits(places, limits);
    CHECK(plan.processes == 10);
    CHECK_FALSE(plan.threads);
    CHECK_FALSE(plan.threads_in_namespace);
}

TEST_CASE("more processes than the default bound of threads raise it, because each is a thread") {
    limit_places places{here(), here(), here(), {}};
    resource_limits limits;
    limits.max_processes = 600;
    CHECK(plan_limits(places, limits).threads > 600);
    limits.max_processes = 100;
    CHECK(plan_limits(places, limits).threads == 512);
    limits.max_threads = 300;
    CHECK(plan_limits(places, limits).threads == 300);
}
