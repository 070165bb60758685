// SPDX-License-Identifier: MIT
#include "actors/supervision/supervision_table.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <random>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

using instant = supervision_table::instant;
using names = std::vector<std::string>;

constexpr double no_chance = 0.5; // the middle: no jitter at all

supervision_table three(restart_strategy strategy, restart_policy policy = restart_policy::permanent) {
    supervision_table table{{strategy, 3, 10s}};
    for (const char* name : {"a", "b", "c"}) {
        table.add({.name = name, .restart = policy});
        table.started(name, instant{});
    }
    return table;
}

} // namespace

TEST_CASE("children are started in order and stopped in reverse") {
    supervision_table table{{}};
    for (const char* name : {"a", "b", "c"})
        table.add({.name = name});
    CHECK(table.waiting() == names{"a", "b", "c"});
    for (const char* name : {"a", "b", "c"})
        table.started(name, instant{});
    CHECK(table.waiting().empty());
    CHECK(table.stop_all() == names{"c", "b", "a"});
    CHECK(table.waiting().empty());
}

TEST_CASE(
    "one_for_one starts only the child that ended, one_for_all everybody, rest_for_one the later ones") {
    auto [strategy, stopped, started] = GENERATE(
        table<restart_strategy, names, names>({{restart_strategy::one_for_one, {}, {"b"}},
                                               {restart_strategy::one_for_all, {"c", "a"}, {"a", "b", "c"}},
                                               {restart_strategy::rest_for_one, {"c"}, {"b", "c"}}}));
    auto table = three(strategy);
    auto decision = table.ended("b", child_end::abnormal, instant{1s}, no_chance);
    CHECK(decision.stop == stopped);
    CHECK_FALSE(decision.give_up);
    REQUIRE(decision.restart_after);
    CHECK(table.stopping() == !stopped.empty());
    for (const auto& name : stopped)
        table.stopped(name, instant{1s});
    CHECK_FALSE(table.stopping());
    CHECK(table.waiting() == started);
}

TEST_CASE("the policy decides who is started again after which end") {
    auto [policy, how, again] = GENERATE(
        table<restart_policy, child_end, bool>({{restart_policy::permanent, child_end::normal, true},
                                                {restart_policy::permanent, child_end::abnormal, true},
                                                {restart_policy::permanent, child_end::misconfigured, false},
                                                {restart_policy::transient, child_end::normal, false},
                                                {restart_policy::transient, child_end::abnormal, true},
                                                {restart_policy::transient, child_end::misconfigured, false},
                                                {restart_policy::temporary, child_end::normal, false},
                                                {restart_policy::temporary, child_end::abnormal, false}}));
    auto table = three(restart_strategy::one_for_one, policy);
    auto decision = table.ended("b", how, instant{}, no_chance);
    CHECK(decision.restart_after.has_value() == again);
    CHECK(table.waiting() == (again ? names{"b"} : names{}));
    CHECK_FALSE(decision.why.empty());
}

TEST_CASE("a temporary child that is stopped for another's sake is not started again") {
    supervision_table table{{.strategy = restart_strategy::one_for_all}};
    table.add({.name = "a"});
    table.add({.name = "guest", .restart = restart_policy::temporary});
    table.started("a", instant{});
    table.started("guest", instant{});
    CHECK(table.ended("a", child_end::abnormal, instant{}, no_chance).stop == names{"guest"});
    table.stopped("guest", instant{});
    CHECK(table.waiting() == names{"a"});
}

TEST_CASE("more restarts than the intensity within the period, and the supervisor gives up") {
    auto table = three(restart_strategy::one_for_one);
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(table.ended("a", child_end::abnormal, instant{i * 1s}, no_chance).give_up);
        table.started("a", instant{i * 1s});
    }
    auto decision = table.ended("b", child_end::abnormal, instant{9s}, no_chance);
    CHECK(decision.give_up);
    CHECK_FALSE(decision.restart_after);
    CHECK(decision.why.find("3 restarts within 10 s") != std::string::npos);
}

TEST_CASE("the window slides: what happened before the period does not count") {
    auto table = three(restart_strategy::one_for_one);
    for (int i = 0; i < 30; ++i) {
        INFO("restart " << i);
        // One every four seconds: never more than three in ten.
        CHECK_FALSE(table.ended("a", child_end::abnormal, instant{i * 4s}, no_chance).give_up);
        table.started("a", instant{i * 4s});
    }
}

TEST_CASE(
    "the pause before a start doubles up to the cap, with jitter, and begins anew after a stable time") {
    restart_backoff backoff{{.base = 100ms, .factor = 2, .cap = 1s, .jitter = 0.1, .stable_after = 60s}};
    instant now{};
    for (auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
        CHECK(backoff.next(now, 0.5) == expected);
        backoff.started(now);
    }
    CHECK(backoff.next(now, 0) == 900ms);
    backoff.started(now);
    CHECK(backoff.next(now + 59s, 0.5) == 1000ms);
    backoff.started(now + 60s);
    CHECK(backoff.next(now + 121s, 0.5) == 100ms);
}

TEST_CASE("whatever happens in whatever order, the table keeps its contract") {
    auto seed = GENERATE(range(1u, 200u));
    INFO("seed " << seed);
    std::mt19937 random{seed};
    auto pick = [&random](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
    };
    const std::array strategies{restart_strategy::one_for_one, restart_strategy::one_for_all,
                                restart_strategy::rest_for_one};
    const std::array policies{restart_policy::permanent, restart_policy::transient,
                              restart_policy::temporary};
    supervision_table table{{strategies[pick(3)], 5, 10s}};
    names all;
    for (std::size_t i = 0; i < 1 + pick(6); ++i) {
        all.push_back("child " + std::to_string(i));
        table.add({.name = all.back(), .restart = policies[pick(3)]});
        table.started(all.back(), instant{});
    }
    instant now{};
    std::deque<instant> restarts;
    for (int step = 0; step < 200; ++step) {
        now += std::chrono::milliseconds{pick(3000)};
        const auto& name = all[pick(all.size())];
        auto before = table.find(name)->state;
        if (before == child_state::running) {
            auto decision =
                table.ended(name, std::array{child_end::normal, child_end::abnormal}[pick(2)], now, 0.5);
            while (!restarts.empty() && now - restarts.front() >= 10s)
                restarts.pop_front();
            if (decision.give_up) {
                CHECK(restarts.size() == 5);
                return;
            }
            if (decision.restart_after)
                restarts.push_back(now);
            REQUIRE(restarts.size() <= 5);
            REQUIRE(std::is_sorted(decision.stop.rbegin(), decision.stop.rend()));
            for (const auto& other : decision.stop)
                REQUIRE(table.find(other)->state == child_state::stopping);
        } else if (before == child_state::stopping) {
            table.stopped(name, now);
            REQUIRE(table.find(name)->state != child_state::stopping);
        } else if (before == child_state::waiting && !table.stopping()) {
            table.started(name, now);
        } else if (before == child_state::ended) {
            auto decision = table.ended(name, child_end::abnormal, now, 0.5);
            REQUIRE_FALSE(decision.restart_after);
            REQUIRE(table.find(name)->state == child_state::ended);
        }
    }
}
