// SPDX-License-Identifier: MIT
// Commands in an environment, and the same ones started directly.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/rows/peers.hpp"

namespace gestvenv::bench {

namespace {

const std::vector<std::string> nothing_to_do{"/bin/true"};

contestant spawned() {
    return {.name = "posix_spawn and wait", .measured = [] { run_child(nothing_to_do); }};
}

} // namespace

void measure_first_command(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    environment where;
    result.contestants = in_turn({{.name = "gestvenv, environment.execute()",
                                   .ours = true,
                                   .target = "at most 10 ms",
                                   .measured = [&] { execute(where, nothing_to_do); },
                                   .prepare = [&] { where = host.create(plain_environment(shared)); },
                                   .clear = [&] { destroy(where); }},
                                  spawned()},
                                 runs);
}

void measure_later_command(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    auto where = host.create(plain_environment(shared));
    result.contestants = in_turn({{.name = "gestvenv, environment.execute()",
                                   .ours = true,
                                   .target = "ours-peer at most 1 ms",
                                   .measured = [&] { execute(where, nothing_to_do); }},
                                  spawned()},
                                 runs);
    destroy(where);
}

void measure_python(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    auto where = host.create(plain_environment(shared));
    auto folder = shared.scratch / "venv";
    run_child(python_venv(shared, folder));
    const std::vector<std::string> words{(folder / "bin" / "python").string(), "-c", "pass"};
    result.contestants =
        in_turn({{.name = "in an environment",
                  .ours = true,
                  .measured =
                      [&] {
                          execute(where, {"python", "-c", "pass"});
                      }},
                 {.name = "in a plain venv, posix_spawn", .measured = [&] { run_child(words); }}},
                runs);
    destroy(where);
}

} // namespace gestvenv::bench
