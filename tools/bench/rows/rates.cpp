// SPDX-License-Identifier: MIT
// Environments created and destroyed as fast as they can be.
#include "tools/bench/child_process.hpp"
#include "tools/bench/rate_contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/rows/peers.hpp"

namespace gestvenv::bench {

namespace {

// A batch of ours takes some tenths of a second, one of the peer's as well.
constexpr int ours_per_batch = 200;
constexpr int peers_per_batch = 16;

void measure(const context& shared, int threads, const char* target, int batches, row_result& result) {
    runtime host{host_options()};
    std::vector<rate_contestant> contestants{{.name = "gestvenv, create and destroy",
                                              .ours = true,
                                              .target = target,
                                              .per_batch = ours_per_batch / threads,
                                              .cycle = [&](int) {
                                                  auto made = host.create(plain_environment(shared));
                                                  destroy(made);
                                              }}};
    if (shared.uv)
        contestants.push_back(
            {.name = "uv venv and removal", .per_batch = peers_per_batch / threads, .cycle = [&](int thread) {
                 auto folder = shared.scratch / ("venv-" + std::to_string(thread));
                 run_child(uv_venv(shared, folder));
                 std::filesystem::remove_all(folder);
             }});
    else
        result.notes.push_back("without uv: " + shared.uv_problem);
    result.contestants = in_turn(contestants, threads, batches);
}

} // namespace

void measure_rate_from_one(const context& shared, int runs, row_result& result) {
    measure(shared, 1, "at least 200 per s", runs, result);
}

void measure_rate_from_eight(const context& shared, int runs, row_result& result) {
    measure(shared, 8, "at least 1000 per s", runs, result);
}

} // namespace gestvenv::bench
