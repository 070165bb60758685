// SPDX-License-Identifier: MIT
// Durations and sizes as people write them: `90s`, `10m`, `1.5G`. Reads and judges no range.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gestvenv {

/// Seconds: a number with an optional fraction, alone or before `ms`, `s`, `m`, `h` or `d`. No white space,
/// no plus sign. None where `text` is something else; always finite.
std::optional<double> seconds_in(std::string_view text) noexcept;

/// Bytes: a number with an optional fraction, before `K`, `M`, `G` or `T` (powers of 1024, in either case,
/// alone or as `KB`, `KiB`), before `B`, or alone, when it counts `unit` bytes.
std::optional<double> bytes_in(std::string_view text, std::int64_t unit) noexcept;

} // namespace gestvenv
