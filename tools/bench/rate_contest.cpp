// SPDX-License-Identifier: MIT
#include "tools/bench/rate_contest.hpp"

#include "tools/bench/interruption.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <latch>
#include <thread>

namespace gestvenv::bench {

namespace {

using clock = std::chrono::steady_clock;
using durations = std::vector<std::chrono::nanoseconds>;

struct batch_times {
    durations cycles;
    std::chrono::nanoseconds whole{0};
};

// One thread's part of a batch.
struct worker {
    durations cycles;
    std::exception_ptr problem;
};

void work(const rate_contestant& item, int number, worker& self) {
    try {
        for (int count = 0; count < item.per_batch; ++count) {
            auto began = clock::now();
            item.cycle(number);
            self.cycles.push_back(clock::now() - began);
        }
    } catch (...) { // carried to the thread that waits
        self.problem = std::current_exception();
    }
}

batch_times run_batch(const rate_contestant& item, int threads) {
    std::vector<worker> workers(static_cast<std::size_t>(threads));
    std::latch ready{threads + 1};
    std::vector<std::thread> running;
    for (int number = 0; number < threads; ++number)
        running.emplace_back([&item, number, &ready, &self = workers[static_cast<std::size_t>(number)]] {
            ready.arrive_and_wait();
            work(item, number, self);
        });
    // Before they go: this thread may be the last to run again.
    auto began = clock::now();
    ready.arrive_and_wait();
    for (auto& thread : running)
        thread.join();
    batch_times result;
    result.whole = clock::now() - began;
    for (auto& self : workers) {
        if (self.problem)
            std::rethrow_exception(self.problem);
        result.cycles.insert(result.cycles.end(), self.cycles.begin(), self.cycles.end());
    }
    return result;
}

} // namespace

std::vector<figures> in_turn(const std::vector<rate_contestant>& contestants, int threads, int batches) {
    std::vector<batch_times> totals(contestants.size());
    for (int batch = -1; batch < batches; ++batch)
        for (std::size_t index = 0; index < contestants.size(); ++index) {
            throw_if_interrupted();
            auto times = run_batch(contestants[index], threads);
            if (batch < 0)
                continue;
            auto& total = totals[index];
            total.cycles.insert(total.cycles.end(), times.cycles.begin(), times.cycles.end());
            total.whole += times.whole;
        }
    std::vector<figures> result;
    for (std::size_t index = 0; index < contestants.size(); ++index) {
        auto& total = totals[index];
        figures entry{contestants[index].name, contestants[index].ours, contestants[index].target,
                      summarise(total.cycles)};
        if (total.whole.count() > 0)
            entry.per_second =
                static_cast<double>(total.cycles.size()) / std::chrono::duration<double>(total.whole).count();
        result.push_back(std::move(entry));
    }
    return result;
}

} // namespace gestvenv::bench
