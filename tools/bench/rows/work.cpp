// SPDX-License-Identifier: MIT
// Work done in environments: several commands at once, packages, teardown of what has become of them.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/rows/measures.hpp"
#include "tools/bench/rows/ours.hpp"
#include "tools/bench/rows/peers.hpp"

#include <future>
#include <thread>

namespace gestvenv::bench {

namespace {

constexpr int at_once = 8;

// 100 ms of CPU, whatever the machine: counted in process time, not in turns of a loop.
const char* const busy =
    "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass";

command_spec shell(std::string text) {
    command_spec command;
    command.text = std::move(text);
    command.shell = true;
    return command;
}

} // namespace

void measure_at_once(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    auto where = host.create(plain_environment(shared));
    const auto python = shared.python.string();
    auto ours = [&] {
        std::vector<std::future<operation_result>> all;
        for (int i = 0; i < at_once; ++i) {
            command_spec command;
            command.arguments = {python, "-c", busy};
            all.push_back(where.execute_async(std::move(command)));
        }
        for (auto& item : all)
            if (!item.get().success())
                throw std::runtime_error{"a busy command failed"};
    };
    auto peer = [&] {
        std::vector<std::thread> all;
        for (int i = 0; i < at_once; ++i)
            all.emplace_back([&python] { run_child({python, "-c", busy}); });
        for (auto& item : all)
            item.join();
    };
    result.contestants = in_turn({{.name = "gestvenv, eight execute_async()",
                                   .ours = true,
                                   .target = "peer/ours at least 0.9",
                                   .measured = ours},
                                  {.name = "eight posix_spawn and wait", .measured = peer}},
                                 runs);
    destroy(where);
}

void measure_install(const context& shared, int runs, row_result& result) {
    if (!shared.uv) {
        result.notes.push_back("without uv: " + shared.uv_problem);
        return;
    }
    // Pure packages with some dependencies; uv has them in its cache after the first run.
    const std::vector<std::string> packages{"requests", "flask", "pytest"};
    runtime host{host_options()};
    environment made;
    // uv asks an interpreter for its facts when it first sees its path: 20 to 30 ms. In a folder that is made
    // again under the same name, as here in the first of them, it does not; for every environment of ours it
    // does.
    auto folder = shared.scratch / "venv";
    int number = 0;
    auto install = [&] {
        std::vector<std::string> words{
            shared.uv->string(), "pip",  "install",  "--quiet",
            "--link-mode",       "copy", "--python", (folder / "bin" / "python").string()};
        words.insert(words.end(), packages.begin(), packages.end());
        run_child(words);
    };
    result.contestants = in_turn({{.name = "gestvenv, environment.install()",
                                   .ours = true,
                                   .target = "ours at most 1.1 times the peer",
                                   .measured = [&] { made.install(packages); },
                                   .prepare = [&] { made = host.create(plain_environment(shared)); },
                                   .clear = [&] { destroy(made); }},
                                  {.name = "uv pip install into a ready venv",
                                   .measured = install,
                                   .prepare =
                                       [&] {
                                           folder = shared.scratch / "venv";
                                           run_child(uv_venv(shared, folder));
                                       },
                                   .clear = [&] { std::filesystem::remove_all(folder); }},
                                  {.name = "the same, in a folder not seen before",
                                   .measured = install,
                                   .prepare =
                                       [&] {
                                           folder = shared.scratch / ("venv-" + std::to_string(++number));
                                           run_child(uv_venv(shared, folder));
                                       },
                                   .clear = [&] { std::filesystem::remove_all(folder); }}},
                                 runs);
}

void measure_destroy_files(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    environment made;
    result.contestants = in_turn(
        {{.name = "gestvenv, environment.destroy()",
          .ours = true,
          .target = "at most 10 ms",
          .measured = [&] { destroy(made); },
          .prepare =
              [&] {
                  made = host.create(plain_environment(shared));
                  auto filled = made.execute(shell(
                      "for i in $(seq 15); do mkdir $i; for j in $(seq 100); do echo x >$i/$j; done; done"));
                  if (!filled.success())
                      throw std::runtime_error{"the files could not be written"};
              }}},
        runs);
}

void measure_destroy_processes(const context& shared, int runs, row_result& result) {
    runtime host{host_options()};
    environment made;
    result.contestants =
        in_turn({{.name = "gestvenv, environment.destroy()",
                  .ours = true,
                  .target = "at most 10 ms",
                  .measured = [&] { destroy(made); },
                  .prepare =
                      [&] {
                          made = host.create(plain_environment(shared));
                          auto begun =
                              made.execute(shell("for i in $(seq 20); do setsid sleep 900 & done; echo on"));
                          if (begun.stdout_text != "on\n")
                              throw std::runtime_error{"the processes could not be started"};
                      }}},
                runs);
}

} // namespace gestvenv::bench
