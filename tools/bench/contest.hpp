// SPDX-License-Identifier: MIT
// Measures contestants in turn: A B C A B C ..., so that whatever disturbs the machine disturbs all of them.
#pragma once

#include "tools/bench/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gestvenv::bench {

/// Runs that come first and do not count: caches fill, pages are mapped, the clock speeds up.
inline constexpr int warm_up_runs = 3;

struct contestant {
    std::string name;
    bool ours = false;
    std::string target = {};
    /// The only part that is timed.
    std::function<void()> measured;
    /// Before and after each time; unset: nothing. `clear` removes what was made.
    std::function<void()> prepare = {};
    std::function<void()> clear = {};
};

/// The figures of each, in the order given. Passes on what a contestant throws.
std::vector<figures> in_turn(const std::vector<contestant>& contestants, int runs);

} // namespace gestvenv::bench
