// SPDX-License-Identifier: MIT
#include "tools/bench/json_report.hpp"
#include "tools/bench/table.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace gestvenv::bench;
using namespace std::chrono_literals;

namespace {

row_result sample() {
    row_result row;
    row.name = "ready";
    row.title = "an environment ready";
    row.load = 0.5;
    row.contestants = {
        {.name = "gestvenv", .ours = true, .target = "p50 at most 1 ms", .times = {100, 300us, 500us, 2ms}},
        {.name = "uv venv", .target = "at least 20x", .times = {99, 15ms, 20ms, 120ms}}};
    return row;
}

} // namespace

TEST_CASE("a time is shown with three digits that count and its unit") {
    CHECK(readable(0ns) == "0.00 us");
    CHECK(readable(1234ns) == "1.23 us");
    CHECK(readable(45600ns) == "45.6 us");
    CHECK(readable(312us) == "312 us");
    CHECK(readable(999us) == "999 us");
    CHECK(readable(999900ns) == "1.00 ms");
    CHECK(readable(9996us) == "10.0 ms");
    CHECK(readable(99960us) == "100 ms");
    CHECK(readable(45600us) == "45.6 ms");
    CHECK(readable(-2500us) == "-2.50 ms");
    CHECK(readable(2s) == "2.00 s");
    CHECK(readable(90s) == "90.0 s");
}

TEST_CASE("a ratio keeps the digits that matter") {
    CHECK(readable_ratio(0.5) == "0.50x");
    CHECK(readable_ratio(9.994) == "9.99x");
    CHECK(readable_ratio(9.996) == "10.0x");
    CHECK(readable_ratio(114.44) == "114.4x");
}

TEST_CASE("the table shows ours, then each peer with how it compares, and every target beside its figure") {
    CHECK(table(sample()) ==
          "ready: an environment ready (load 0.50)\n"
          "                                          n       min       p50       p99 peer/ours   ours-peer\n"
          "  gestvenv                              100    300 us    500 us   2.00 ms                        "
          "target: p50 at most 1 ms\n"
          "  uv venv                                99   15.0 ms   20.0 ms    120 ms     40.0x    -19.5 ms  "
          "target: at least 20x\n");
}

TEST_CASE("a rate has a column of its own, and a second figure of ours is compared with nothing") {
    row_result row;
    row.name = "rate";
    row.title = "made and destroyed";
    row.contestants = {{.name = "one", .ours = true, .times = {10, 1ms, 2ms, 3ms}, .per_second = 512.34},
                       {.name = "another", .ours = true, .times = {10, 1ms, 2ms, 3ms}}};
    CHECK(table(row) ==
          "rate: made and destroyed (load 0.00)\n"
          "                                          n       min       p50       p99     per s peer/ours   "
          "ours-peer\n"
          "  one                                    10   1.00 ms   2.00 ms   3.00 ms     512.3\n"
          "  another                                10   1.00 ms   2.00 ms   3.00 ms\n");
}

TEST_CASE("what could not be measured says why") {
    row_result row;
    row.name = "ready";
    row.title = "an environment ready";
    row.problem = "the launcher is missing";
    row.notes = {"without uv: it is not installed"};
    CHECK(table(row) == "ready: an environment ready (load 0.00)\n"
                        "  FAILED: the launcher is missing\n"
                        "  note: without uv: it is not installed\n");
    auto report = to_json(row);
    CHECK(report["problem"] == "the launcher is missing");
    CHECK(report["notes"] == nlohmann::json{"without uv: it is not installed"});
    CHECK(report["contestants"].empty());
}

TEST_CASE("the JSON holds every figure in seconds, the targets and the machine") {
    auto report = to_json({{"kernel", "Linux 6"}, {"load average", "0.50 at the start"}}, {sample()});
    CHECK(report["machine"] == nlohmann::json{{"kernel", "Linux 6"}, {"load average", "0.50 at the start"}});
    REQUIRE(report["rows"].size() == 1);
    const auto& row = report["rows"][0];
    CHECK(row["name"] == "ready");
    CHECK(row["load_average"] == 0.5);
    CHECK(row["contestants"][0] == nlohmann::json{{"name", "gestvenv"},
                                                  {"ours", true},
                                                  {"n", 100},
                                                  {"min_seconds", 0.0003},
                                                  {"p50_seconds", 0.0005},
                                                  {"p99_seconds", 0.002},
                                                  {"target", "p50 at most 1 ms"}});
    CHECK(row["contestants"][1] == nlohmann::json{{"name", "uv venv"},
                                                  {"ours", false},
                                                  {"n", 99},
                                                  {"min_seconds", 0.015},
                                                  {"p50_seconds", 0.02},
                                                  {"p99_seconds", 0.12},
                                                  {"target", "at least 20x"},
                                                  {"peer_to_ours", 40.0},
                                                  {"ours_minus_peer_seconds", -0.0195}});
}

TEST_CASE("a contestant without measurements has no times in the JSON") {
    auto row = sample();
    row.contestants[1].times = {};
    auto entry = to_json(row)["contestants"][1];
    CHECK(entry["n"] == 0);
    CHECK_FALSE(entry.contains("p50_seconds"));
    CHECK_FALSE(entry.contains("peer_to_ours"));
}
