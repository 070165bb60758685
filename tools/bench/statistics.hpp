// SPDX-License-Identifier: MIT
// What many measurements of one thing come to.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <vector>

namespace gestvenv::bench {

struct summary {
    /// How many measurements; 0 leaves the rest without meaning.
    std::size_t count = 0;
    std::chrono::nanoseconds min{0};
    std::chrono::nanoseconds p50{0};
    std::chrono::nanoseconds p99{0};
};

/// The smallest value that at least `percent` (above 0, at most 100) percent of the values do not exceed
/// (nearest rank): always one that was measured, never one between two. `sorted` is ascending and not empty.
inline std::chrono::nanoseconds percentile(const std::vector<std::chrono::nanoseconds>& sorted,
                                           double percent) {
    auto rank =
        static_cast<std::size_t>(std::ceil(percent / 100.0 * static_cast<double>(sorted.size()) - 1e-9));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

inline summary summarise(std::vector<std::chrono::nanoseconds> times) {
    if (times.empty())
        return {};
    std::sort(times.begin(), times.end());
    return {times.size(), times.front(), percentile(times, 50), percentile(times, 99)};
}

} // namespace gestvenv::bench
