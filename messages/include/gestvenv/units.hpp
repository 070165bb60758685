// SPDX-License-Identifier: MIT
// Units that the standard library does not have.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace gestvenv {

/// A size in units of 2^20 bytes. It converts from a plain number, because all size limits of the API are
/// documented in megabytes: `.max_memory = 2048`.
struct megabytes {
    std::int64_t count = 0;

    constexpr megabytes() = default;
    constexpr megabytes(std::int64_t value) : count(value) {}

    /// The size in bytes; `count` must be less than 2^43.
    constexpr std::int64_t bytes() const noexcept { return count * 1024 * 1024; }

    friend constexpr auto operator<=>(megabytes, megabytes) = default;
};

/// An upper limit for a number of things. It converts from a plain number: `.max_processes = 20`.
struct count_limit {
    int count = 0;

    constexpr count_limit() = default;
    constexpr count_limit(int value) : count(value) {}

    friend constexpr auto operator<=>(count_limit, count_limit) = default;
};

/// The explicit "no limit" for a number of things.
inline constexpr count_limit unlimited_count{std::numeric_limits<int>::max()};

/// The explicit "no limit" for a duration of the API. An unset duration means the configured default instead.
inline constexpr std::chrono::seconds unlimited = std::chrono::seconds::max();

/// The longest duration that the API accepts: ten years. A longer one is taken for a mistake and refused.
inline constexpr std::chrono::seconds longest_duration = std::chrono::hours{24 * 3652};

template <class Inspector>
bool inspect(Inspector& f, megabytes& x) {
    return f.apply(x.count);
}

template <class Inspector>
bool inspect(Inspector& f, count_limit& x) {
    return f.apply(x.count);
}

} // namespace gestvenv
