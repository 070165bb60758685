// SPDX-License-Identifier: MIT
// Small graphs of numbers, one character for each.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace gestvenv::cli {

/// The last `width` of `values`, the newest to the right, each between nothing and `most` (above: `most`), which is more
/// than 0. What is more than nothing is seen. In blocks of eight heights, or where `blocks` is false in ASCII.
std::string usage_graph(const std::deque<double>& values, std::size_t width, double most, bool blocks);

/// 1536 bytes as `1.5K`: at most five characters.
std::string short_size(double bytes);

/// 3700 seconds as `1h01m`: at most six characters.
std::string short_duration(long long seconds);

} // namespace gestvenv::cli
