// SPDX-License-Identifier: MIT
// Points in time as the journal keeps them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace gestvenv {

/// The time `microseconds` after 1970. A damaged file may hold a number that no clock does: the clock's end
/// then.
inline std::chrono::system_clock::time_point wall_time(std::int64_t microseconds) noexcept {
    using std::chrono::system_clock;
    using exact = std::chrono::microseconds;
    constexpr auto earliest = std::chrono::ceil<exact>(system_clock::duration::min()).count();
    constexpr auto latest = std::chrono::floor<exact>(system_clock::duration::max()).count();
    return system_clock::time_point{std::chrono::duration_cast<system_clock::duration>(
        exact{std::clamp(microseconds, earliest, latest)})};
}

} // namespace gestvenv
