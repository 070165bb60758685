// What is paid once: a runtime's start and end, and a command line that does everything from start to end.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/rows/peers.hpp"

#include <optional>

namespace gestvenv::bench {

void measure_runtime(const context&, int runs, row_result& result) {
    std::optional<runtime> host;
    auto start = [&host] { host.emplace(host_options()); };
    auto end = [&host] { host.reset(); };
    result.contestants = in_turn({{.name = "start", .ours = true, .measured = start, .clear = end},
                                  {.name = "end", .ours = true, .measured = end, .prepare = start}},
                                 runs);
}

void measure_command_line(const context& shared, int runs, row_result& result) {
    if (!shared.command_line) {
        result.notes.emplace_back("not measured: there is no program `gestvenv` beside this one");
        return;
    }
    std::vector<contestant> contestants{
        {.name = "gestvenv run -- true",
         .ours = true,
         .measured = [words = std::vector<std::string>{shared.command_line->string(), "run", "--python",
                                                       shared.python.string(), "--", "true"}] {
             run_child(words);
         }}};
    auto folder = shared.scratch / "venv";
    if (shared.uv)
        contestants.push_back(
            {.name = "uv venv, true, removal", .measured = [words = uv_venv(shared, folder), folder] {
                 run_child(words);
                 run_child({"true"});
                 std::filesystem::remove_all(folder);
             }});
    else
        result.notes.push_back("without uv: " + shared.uv_problem);
    result.contestants = in_turn(contestants, runs);
}

} // namespace gestvenv::bench
