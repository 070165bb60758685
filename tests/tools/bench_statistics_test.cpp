// SPDX-License-Identifier: MIT
#include "tools/bench/result.hpp"
#include "tools/bench/statistics.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

using namespace gestvenv::bench;
using namespace std::chrono_literals;

namespace {

// 1 ns, 2 ns, ... in no order.
std::vector<std::chrono::nanoseconds> shuffled(int count) {
    std::vector<std::chrono::nanoseconds> times;
    for (int number = 1; number <= count; ++number)
        times.emplace_back(number);
    std::shuffle(times.begin(), times.end(), std::mt19937{42}); // NOLINT: the same order each time
    return times;
}

} // namespace

TEST_CASE("a percentile is the smallest measured value that so many percent do not exceed") {
    auto hundred = summarise(shuffled(100));
    CHECK(hundred.count == 100);
    CHECK(hundred.min == 1ns);
    CHECK(hundred.p50 == 50ns);
    CHECK(hundred.p99 == 99ns);

    auto thousand = summarise(shuffled(1000));
    CHECK(thousand.p50 == 500ns);
    CHECK(thousand.p99 == 990ns);
}

TEST_CASE("with few values the 99th percentile is the largest, and the median is one of them") {
    auto two = summarise({5ns, 3ns});
    CHECK(two.min == 3ns);
    CHECK(two.p50 == 3ns);
    CHECK(two.p99 == 5ns);

    auto three = summarise({9ns, 1ns, 4ns});
    CHECK(three.p50 == 4ns);
    CHECK(three.p99 == 9ns);

    auto one = summarise({7ns});
    CHECK(one.count == 1);
    CHECK(one.min == 7ns);
    CHECK(one.p50 == 7ns);
    CHECK(one.p99 == 7ns);
}

TEST_CASE("a rank is not lost to rounding") {
    // 0.07 * 100 is 7.000000000000001: without care the eighth value.
    std::vector<std::chrono::nanoseconds> sorted;
    for (int number = 1; number <= 100; ++number)
        sorted.emplace_back(number);
    for (int percent = 1; percent <= 100; ++percent)
        CHECK(percentile(sorted, percent) == std::chrono::nanoseconds{percent});
}

TEST_CASE("without measurements there is nothing to compare") {
    auto none = summarise({});
    CHECK(none.count == 0);
    auto some = summarise({2ms});
    CHECK_FALSE(ratio(none, some));
    CHECK_FALSE(ratio(some, none));
    CHECK_FALSE(excess(none, some));
    CHECK_FALSE(ratio(summarise({0ns}), some));
}

TEST_CASE("peers are compared with ours at the median") {
    auto ours = summarise({1ms, 2ms, 300ms});
    auto peer = summarise({50ms, 60ms, 70ms});
    CHECK(ratio(ours, peer) == 30.0);
    CHECK(excess(ours, peer) == -58ms);
}
