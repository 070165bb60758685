// SPDX-License-Identifier: MIT
#include "actors/usage_history.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t megabyte = 1 << 20;

// An environment that is looked at every five seconds.
class observed {
public:
    explicit observed(usage_limits limits) : history(limits, now) {}

    std::vector<usage_history::change> see(const usage_reading& reading,
                                           std::chrono::milliseconds later = 5s) {
        now += later;
        return history.add(reading, now, {}, true);
    }
    std::vector<usage_history::change> see_memory(std::int64_t megabytes_used) {
        usage_reading reading;
        reading.processes = 1;
        reading.memory_bytes = megabytes_used * megabyte;
        return see(reading);
    }

    usage_history::instant now{};
    usage_history history;
};

usage_limits of_100_mb() {
    return {100 * megabyte, 100 * megabyte, 50.0};
}

} // namespace

TEST_CASE("an alert is raised once when its threshold is crossed, and again only after it was over") {
    observed o{of_100_mb()};
    CHECK(o.see_memory(79).empty());
    auto changes = o.see_memory(80);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].raised);
    CHECK(changes[0].what.kind == alert_kind::memory);
    CHECK(changes[0].what.level == alert_level::warning);
    CHECK(changes[0].what.value == 80);
    CHECK(o.see_memory(94).empty());
    CHECK(o.history.alerts().size() == 1);
    // Just below the threshold is not yet over.
    CHECK(o.see_memory(76).empty());
    CHECK(o.see_memory(81).empty());
    changes = o.see_memory(74);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].raised);
    CHECK(o.history.alerts().empty());
    CHECK(o.see_memory(80).size() == 1);
}

TEST_CASE("what is critical is a warning too, and stops being critical first") {
    observed o{of_100_mb()};
    CHECK(o.see_memory(96).size() == 2);
    auto changes = o.see_memory(89);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].raised);
    CHECK(changes[0].what.level == alert_level::critical);
    CHECK(o.history.alerts().size() == 1);
}

TEST_CASE("disk use is judged like memory") {
    observed o{of_100_mb()};
    usage_reading reading;
    reading.disk_bytes = 96 * megabyte;
    auto changes = o.see(reading);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].what.kind == alert_kind::disk);
}

TEST_CASE("without a limit there is nothing to warn of") {
    observed o{{}};
    usage_reading reading;
    reading.memory_bytes = reading.disk_bytes.emplace(std::int64_t{1} << 50);
    CHECK(o.see(reading).empty());
}

TEST_CASE("CPU use is the share of the time since the last sample, judged against what may be used") {
    observed o{of_100_mb()};
    usage_reading reading;
    reading.cpu_time = 1s;
    CHECK(o.see(reading).empty());
    CHECK(o.history.latest()->cpu_percent == 20);
    reading.cpu_time += 2500ms; // 50 % of a core is all it may have
    auto changes = o.see(reading);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].what.kind == alert_kind::cpu);
    CHECK(changes[0].what.value == 100);
    // Too soon to tell: the figure before stays.
    CHECK(o.see(reading, 10ms).empty());
    CHECK(o.history.latest()->cpu_percent == 50);
    CHECK(o.see(reading).size() == 1);
    CHECK(o.history.latest()->cpu_percent == 0);
}

TEST_CASE("an environment in which nothing has run for 300 s is stale until something does") {
    observed o{{}};
    usage_reading reading;
    CHECK(o.see(reading, 299s).empty());
    auto changes = o.see(reading, 1s);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].what.kind == alert_kind::stale);
    // A command that has come and gone between two samples has left its CPU time.
    reading.cpu_time = 1ms;
    changes = o.see(reading);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].raised);
    // One that sleeps is not stale either.
    reading.processes = 1;
    CHECK(o.see(reading, 1000s).empty());
}

TEST_CASE("the peak is the kernel's where it tells one, else the largest sample") {
    observed o{{}};
    o.see_memory(50);
    o.see_memory(20);
    CHECK(o.history.latest()->memory_peak_bytes == 50 * megabyte);
    usage_reading reading;
    reading.memory_peak_bytes = 70 * megabyte;
    o.see(reading);
    CHECK(o.history.latest()->memory_peak_bytes == 70 * megabyte);
}

TEST_CASE("the history is bounded and keeps the last samples") {
    observed o{{}};
    for (int number = 0; number < 1000; ++number)
        o.see_memory(number);
    auto all = o.history.last(10'000);
    REQUIRE(all.size() == usage_history::most_kept);
    CHECK(all.back().memory_bytes == 999 * megabyte);
    auto two = o.history.last(2);
    REQUIRE(two.size() == 2);
    CHECK(two.front().memory_bytes == 998 * megabyte);
}
