// SPDX-License-Identifier: MIT
// Environments made and destroyed, one at a time.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/rows/peers.hpp"

namespace gestvenv::bench {

void measure_ready(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    environment made;
    auto folder = shared.scratch / "venv";
    auto remove = [&folder] { std::filesystem::remove_all(folder); };
    std::vector<contestant> contestants{{.name = "gestvenv, runtime.create()",
                                         .ours = true,
                                         .target = "p50 at most 0.5 ms",
                                         .measured = [&] { made = host.create(plain_environment(shared)); },
                                         .clear = [&] { destroy(made); }}};
    if (shared.uv)
        contestants.push_back({.name = "uv venv",
                               .target = "at least 20x",
                               .measured = [words = uv_venv(shared, folder)] { run_child(words); },
                               .clear = remove});
    else
        result.notes.push_back("without uv: " + shared.uv_problem);
    contestants.push_back({.name = "python -m venv --without-pip",
                           .target = "at least 50x",
                           .measured = [words = python_venv(shared, folder)] { run_child(words); },
                           .clear = remove});
    result.contestants = in_turn(contestants, runs);
}

void measure_destroy(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    environment made;
    auto pattern = shared.scratch / "pattern";
    auto folder = shared.scratch / "venv";
    run_child(python_venv(shared, pattern));
    result.contestants = in_turn({{.name = "gestvenv, environment.destroy()",
                                   .ours = true,
                                   .measured = [&] { destroy(made); },
                                   .prepare = [&] { made = host.create(plain_environment(shared)); }},
                                  // No process, no proof: the least that removing such files can cost.
                                  {.name = "a venv's files removed, in process",
                                   .measured = [&] { std::filesystem::remove_all(folder); },
                                   .prepare =
                                       [&] {
                                           constexpr auto as_they_are =
                                               std::filesystem::copy_options::recursive |
                                               std::filesystem::copy_options::copy_symlinks;
                                           std::filesystem::copy(pattern, folder, as_they_are);
                                       }}},
                                 runs);
}

} // namespace gestvenv::bench
