// SPDX-License-Identifier: MIT
// What is paid once: a runtime's start and end, and a command line that does everything from start to end.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/faults/harness/busy_cores.hpp"

#include <optional>

namespace gestvenv::bench {

void measure_runtime(const context&, int runs, row_result& result) {
    std::optional<runtime> host;
    auto start = [&host] { host.emplace(host_options()); };
    auto end = [&host] { host.reset(); };
    result.contestants = in_turn(
        {{.name = "start", .ours = true, .target = "p50 at most 1.2 ms", .measured = start, .clear = end},
         {.name = "end", .ours = true, .target = "p50 at most 0.7 ms", .measured = end, .prepare = start}},
        runs);
}

namespace {

// What people type in its place: the same interpreter, no project, no index.
std::vector<std::string> uv_run(const context& shared, const std::vector<std::string>& command) {
    std::vector<std::string> words{shared.uv->string(),    "run", "--no-project", "--python",
                                   shared.python.string(), "--"};
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

// `target`: of how many times as long uv takes.
void measure_whole(const context& shared, int runs, row_result& result,
                   const std::vector<std::string>& command, const char* target) {
    if (!shared.command_line) {
        result.notes.emplace_back("not measured: there is no program `gestvenv` beside this one");
        return;
    }
    std::vector<std::string> ours{shared.command_line->string(), "run", "--python", shared.python.string(),
                                  "--"};
    ours.insert(ours.end(), command.begin(), command.end());
    std::vector<contestant> contestants{
        {.name = "gestvenv run", .ours = true, .measured = [ours] { run_child(ours); }}};
    if (shared.uv)
        contestants.push_back({.name = "uv run --no-project",
                               .target = target,
                               .measured = [words = uv_run(shared, command)] { run_child(words); }});
    else
        result.notes.push_back("without uv: " + shared.uv_problem);
    result.contestants = in_turn(contestants, runs);
}

constexpr const char* target_of_true = "at least 2x";
constexpr const char* target_of_python = "at least 1.43x";

} // namespace

void measure_command_line(const context& shared, int runs, row_result& result) {
    measure_whole(shared, runs, result, {"true"}, target_of_true);
}

void measure_command_line_python(const context& shared, int runs, row_result& result) {
    measure_whole(shared, runs, result, {"python", "-c", "pass"}, target_of_python);
}

void measure_command_line_busy(const context& shared, int runs, row_result& result) {
    faults::busy_cores meanwhile;
    measure_whole(shared, runs, result, {"true"}, target_of_true);
}

void measure_command_line_python_busy(const context& shared, int runs, row_result& result) {
    faults::busy_cores meanwhile;
    measure_whole(shared, runs, result, {"python", "-c", "pass"}, target_of_python);
}

} // namespace gestvenv::bench
