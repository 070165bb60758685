// SPDX-License-Identifier: MIT
#include "tools/bench/contest.hpp"

#include "tools/bench/interruption.hpp"

#include <chrono>
#include <cstddef>

namespace gestvenv::bench {

namespace {

std::chrono::nanoseconds time_once(const contestant& item) {
    if (item.prepare)
        item.prepare();
    auto began = std::chrono::steady_clock::now();
    item.measured();
    auto took = std::chrono::steady_clock::now() - began;
    if (item.clear)
        item.clear();
    return took;
}

} // namespace

std::vector<figures> in_turn(const std::vector<contestant>& contestants, int runs) {
    std::vector<std::vector<std::chrono::nanoseconds>> times(contestants.size());
    for (int run = -warm_up_runs; run < runs; ++run)
        for (std::size_t index = 0; index < contestants.size(); ++index) {
            throw_if_interrupted();
            auto took = time_once(contestants[index]);
            if (run >= 0)
                times[index].push_back(took);
        }
    std::vector<figures> result;
    for (std::size_t index = 0; index < contestants.size(); ++index)
        result.push_back({contestants[index].name, contestants[index].ours, contestants[index].target,
                          summarise(std::move(times[index]))});
    return result;
}

} // namespace gestvenv::bench
