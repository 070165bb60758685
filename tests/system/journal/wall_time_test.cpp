// SPDX-License-Identifier: MIT
#include "system/journal/wall_time.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>

using gestvenv::wall_time;
using std::chrono::system_clock;

TEST_CASE("a time that a damaged journal holds is a time of the clock, whatever number it is") {
    CHECK(wall_time(0) == system_clock::time_point{});
    CHECK(wall_time(1'740'832'496'000'789) ==
          system_clock::time_point{std::chrono::microseconds{1'740'832'496'000'789}});
    CHECK(wall_time(-1) == system_clock::time_point{std::chrono::microseconds{-1}});
    auto hour = std::chrono::hours{1};
    CHECK(wall_time(std::numeric_limits<std::int64_t>::max()) > system_clock::time_point::max() - hour);
    CHECK(wall_time(std::numeric_limits<std::int64_t>::min()) < system_clock::time_point::min() + hour);
}
