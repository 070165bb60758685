// SPDX-License-Identifier: MIT
// Measures how often contestants complete something from several threads at once, in batches and in turn.
#pragma once

#include "tools/bench/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gestvenv::bench {

struct rate_contestant {
    std::string name;
    bool ours = false;
    std::string target = {};
    /// How often each thread does it in one batch.
    int per_batch = 1;
    /// Once, by thread number `thread`, counted from 0.
    std::function<void(int thread)> cycle = {};
};

/// `batches` of each contestant, `threads` at once; a first batch of each does not count. The times are those
/// of single cycles, the rate that of all threads over the whole of the batches.
std::vector<figures> in_turn(const std::vector<rate_contestant>& contestants, int threads, int batches);

} // namespace gestvenv::bench
