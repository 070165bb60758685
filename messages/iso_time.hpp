// SPDX-License-Identifier: MIT
// Points in time as people and machines both read them: ISO 8601, UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv {

/// `2025-03-01T12:34:56.000789Z`: always UTC, always microseconds (finer is cut off), years 1677 to 2262.
std::string to_iso_time(std::chrono::system_clock::time_point when);

/// Reads what `to_iso_time` writes, and what Python's `datetime.isoformat()` writes for a time with a zone:
/// the fraction may be absent or have 1 to 9 digits, the zone is `Z` or `+HH:MM` or `-HH:MM` and must be
/// there. Nothing when `text` is none of these or names no existing time.
std::optional<std::chrono::system_clock::time_point> from_iso_time(std::string_view text);

} // namespace gestvenv
