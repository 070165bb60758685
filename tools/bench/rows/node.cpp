// SPDX-License-Identifier: MIT
// A node and its clients: this program is the client, the node a process of its own.
#include "tools/bench/child_process.hpp"
#include "tools/bench/contest.hpp"
#include "tools/bench/row.hpp"
#include "tools/bench/rows/measured_node.hpp"
#include "tools/bench/rows/measures.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::bench {

namespace {

using clock = std::chrono::steady_clock;

} // namespace

void measure_node_creation(const context& shared, int runs, row_result& result) {
    measured_node node{shared, wide_limits};
    auto client = node.connect();
    std::string id;
    result.contestants = in_turn({{.name = "create",
                                   .ours = true,
                                   .target = "p50 at most 2 ms",
                                   .measured = [&] { id = create(client, shared); },
                                   .clear = [&] { destroy(client, id); }}},
                                 runs);
}

void measure_node_rate(const context& shared, int runs, row_result& result) {
    constexpr int clients = 32;
    measured_node node{shared, wide_limits};
    std::atomic<int> made = 0;
    const auto began = clock::now();
    std::vector<std::thread> threads;
    for (int number = 0; number < clients; ++number)
        threads.emplace_back([&] {
            auto client = node.connect();
            for (int round = 0; round < runs; ++round) {
                destroy(client, create(client, shared));
                ++made;
            }
        });
    for (auto& one : threads)
        one.join();
    const auto seconds = std::chrono::duration<double>(clock::now() - began).count();
    result.notes.push_back(fmt::format("32 clients in closed loop: {:.0f} creations and destructions a second"
                                       "  target: at least 500",
                                       made / seconds));
}

void measure_node_open_loop(const context& shared, int runs, row_result& result) {
    constexpr int clients = 32;
    constexpr double per_second = 300;
    measured_node node{shared, wide_limits};
    std::mutex mutex;
    std::vector<double> times;
    const auto began = clock::now() + std::chrono::milliseconds{100};
    std::vector<std::thread> threads;
    for (int number = 0; number < clients; ++number)
        threads.emplace_back([&, number] {
            auto client = node.connect();
            std::vector<double> own;
            for (int round = 0; round < runs; ++round) {
                // From when it was to begin: a queue at the client counts.
                const auto due =
                    began + std::chrono::duration_cast<clock::duration>(
                                std::chrono::duration<double>{(round * clients + number) / per_second});
                std::this_thread::sleep_until(due);
                auto id = create(client, shared);
                own.push_back(std::chrono::duration<double, std::milli>(clock::now() - due).count());
                destroy(client, id);
            }
            std::scoped_lock lock{mutex};
            times.insert(times.end(), own.begin(), own.end());
        });
    for (auto& one : threads)
        one.join();
    std::sort(times.begin(), times.end());
    result.notes.push_back(
        fmt::format("32 clients, 300 creations a second (open loop): p50 {:.1f} ms, p99 {:.1f} ms"
                    "  target: p99 at most 15 ms",
                    times[times.size() / 2], times[times.size() * 99 / 100]));
}

void measure_node_first_byte(const context& shared, int runs, row_result& result) {
    measured_node node{shared, wide_limits};
    auto client = node.connect();
    auto id = create(client, shared);
    auto execute = [&] {
        ask(client, "POST", fmt::format("{}/{}/execute", environments, id), {{"arguments", {"/bin/true"}}});
    };
    result.contestants = in_turn(
        {{.name = "/bin/true, whole", .ours = true, .target = "p50 at most 3 ms", .measured = execute}},
        runs);
    destroy(client, id);
}

void measure_node_whole_programs(const context& shared, int runs, row_result& result) {
    measured_node node{shared, wide_limits};
    auto client = node.connect();
    ask(client, "POST", environments,
        {{"name", "measured"}, {"python_version", shared.python.string()}, {"ttl", 600}});
    std::vector<std::string> list{shared.command_line->string(), "ephemeral", "list"};
    std::vector<std::string> run{shared.command_line->string(), "run", "--env", "measured", "--", "true"};
    std::vector<contestant> contestants{
        {.name = "run --env",
         .ours = true,
         .target = "p50 at most 5 ms",
         .measured = [run] { run_child(run); }},
        {.name = "ephemeral list", .ours = true, .target = "p50 at most 10 ms", .measured = [list] {
             run_child(list);
         }}};
    if (shared.uv)
        contestants.push_back(
            {.name = "uv run --no-project",
             .target = "at least 2.5x",
             .measured = [words = std::vector<std::string>{shared.uv->string(), "run", "--no-project",
                                                           "--python", shared.python.string(), "--",
                                                           "true"}] { run_child(words); }});
    result.contestants = in_turn(contestants, runs);
}

void measure_node_idle(const context& shared, int, row_result& result) {
    constexpr int many = 100;
    constexpr std::chrono::seconds quiet{15};
    measured_node node{shared, wide_limits};
    auto client = node.connect();
    for (int i = 0; i < many; ++i)
        create(client, shared);
    const auto family = [&] {
        // The node and its launcher; unused environments have no keeper.
        std::vector<std::string> all{std::to_string(node.pid())};
        std::ifstream children{fmt::format("/proc/{0}/task/{0}/children", node.pid())};
        for (std::string child; children >> child;)
            all.push_back(child);
        return all;
    }();
    const auto sum = [&](const auto& read) {
        double total = 0;
        for (const auto& pid : family)
            total += read(pid);
        return total;
    };
    const auto memory = sum([](const std::string& pid) {
        std::ifstream stream{"/proc/" + pid + "/smaps_rollup"};
        for (std::string line; std::getline(stream, line);)
            if (line.starts_with("Pss:"))
                return std::stod(line.substr(4)) / 1024;
        return 0.0;
    });
    const auto ticks = [&] {
        return sum([](const std::string& pid) {
            std::ifstream stream{"/proc/" + pid + "/stat"};
            std::string text{std::istreambuf_iterator<char>{stream}, {}};
            std::istringstream fields{text.substr(text.rfind(')') + 2)};
            std::string skipped;
            for (int field = 3; field < 14; ++field)
                fields >> skipped;
            double user = 0;
            double system = 0;
            fields >> user >> system;
            return user + system;
        });
    };
    const auto before = ticks();
    std::this_thread::sleep_for(quiet);
    const auto used =
        (ticks() - before) / static_cast<double>(::sysconf(_SC_CLK_TCK)) / static_cast<double>(quiet.count());
    result.notes.push_back(
        fmt::format("idle with {} environments: {:.2f} % of a core, {:.1f} MB (PSS of node and "
                    "launcher)  target: under 0.2 %, at most 40 MB",
                    many, used * 100, memory));
}

} // namespace gestvenv::bench
