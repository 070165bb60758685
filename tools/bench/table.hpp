// SPDX-License-Identifier: MIT
// A row's figures as lines for people.
#pragma once

#include "tools/bench/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>

namespace gestvenv::bench {

/// Three digits that count, with their unit: "312 us", "1.23 ms", "-45.6 ms", "2.00 s".
inline std::string readable(std::chrono::nanoseconds time) {
    auto digits = [](double value) {
        auto size = std::abs(value);
        // At the precision printed: 9.996 becomes 10.0, not 10.00.
        return size < 9.995   ? fmt::format("{:.2f}", value)
               : size < 99.95 ? fmt::format("{:.1f}", value)
                              : fmt::format("{:.0f}", value);
    };
    auto microseconds = static_cast<double>(time.count()) / 1e3;
    if (std::abs(microseconds) < 999.5)
        return digits(microseconds) + " us";
    if (std::abs(microseconds) < 999.5e3)
        return digits(microseconds / 1e3) + " ms";
    return digits(microseconds / 1e6) + " s";
}

/// "48.1x"; more digits where they matter.
inline std::string readable_ratio(double value) {
    return value < 9.995 ? fmt::format("{:.2f}x", value) : fmt::format("{:.1f}x", value);
}

inline std::string table(const row_result& row) {
    auto text = fmt::format("{}: {} (load {:.2f})\n", row.name, row.title, row.load);
    if (!row.problem.empty())
        text += fmt::format("  FAILED: {}\n", row.problem);
    if (!row.contestants.empty()) {
        bool rate = std::any_of(row.contestants.begin(), row.contestants.end(),
                                [](const figures& item) { return item.per_second.has_value(); });
        auto line = [&text, rate](auto name, auto count, auto min, auto p50, auto p99, auto per_second,
                                  auto ratio, auto excess, const std::string& target) {
            text += fmt::format("  {:<34} {:>6} {:>9} {:>9} {:>9}", name, count, min, p50, p99);
            if (rate)
                text += fmt::format(" {:>9}", per_second);
            text += fmt::format(" {:>9} {:>11}", ratio, excess);
            if (!target.empty())
                text += "  target: " + target;
            text.erase(text.find_last_not_of(' ') + 1);
            text += '\n';
        };
        line("", "n", "min", "p50", "p99", "per s", "peer/ours", "ours-peer", "");
        const auto& ours = row.contestants.front().times;
        for (const auto& item : row.contestants) {
            auto times_as_long = item.ours ? std::nullopt : ratio(ours, item.times);
            auto longer = item.ours ? std::nullopt : excess(ours, item.times);
            line(item.name, item.times.count, readable(item.times.min), readable(item.times.p50),
                 readable(item.times.p99), item.per_second ? fmt::format("{:.1f}", *item.per_second) : "",
                 times_as_long ? readable_ratio(*times_as_long) : "", longer ? readable(*longer) : "",
                 item.target);
        }
    }
    for (const auto& note : row.notes)
        text += fmt::format("  note: {}\n", note);
    return text;
}

} // namespace gestvenv::bench
