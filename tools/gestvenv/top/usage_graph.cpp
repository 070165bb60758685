// SPDX-License-Identifier: MIT
#include "tools/gestvenv/top/usage_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace gestvenv::cli {

namespace {

using steps = std::array<std::string_view, 9>;

constexpr steps in_blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr steps in_ascii{" ", ".", ":", "-", "=", "+", "*", "#", "@"};

std::size_t height_of(double value, double most) {
    if (!(value > 0)) // not a number neither
        return 0;
    const auto share = std::min(value / most, 1.0);
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(share * 8)));
}

} // namespace

std::string usage_graph(const std::deque<double>& values, std::size_t width, double most, bool blocks) {
    const auto& heights = blocks ? in_blocks : in_ascii;
    const auto shown = std::min(width, values.size());
    std::string graph(width - shown, ' ');
    for (auto value = values.end() - static_cast<std::ptrdiff_t>(shown); value != values.end(); ++value)
        graph += heights[height_of(*value, most)];
    return graph;
}

std::string short_size(double bytes) {
    constexpr std::string_view units = "BKMGTP";
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    return bytes < 9.95 && unit > 0 ? fmt::format("{:.1f}{}", bytes, units[unit])
                                    : fmt::format("{:.0f}{}", bytes, units[unit]);
}

std::string short_duration(long long seconds) {
    constexpr long long minute = 60;
    constexpr long long hour = 60 * minute;
    constexpr long long day = 24 * hour;
    if (seconds < minute)
        return fmt::format("{}s", std::max(seconds, 0LL));
    if (seconds < hour)
        return fmt::format("{}m{:02}s", seconds / minute, seconds % minute);
    if (seconds < day)
        return fmt::format("{}h{:02}m", seconds / hour, seconds % hour / minute);
    return fmt::format("{}d{:02}h", seconds / day, seconds % day / hour);
}

} // namespace gestvenv::cli
