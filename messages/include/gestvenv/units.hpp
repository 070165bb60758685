// Units that the standard library does not have.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace gestvenv {

/// A size in units of 2^20 bytes. Converts from a plain number because every limit of the API is documented
/// in megabytes: `.max_memory = 2048`.
struct megabytes {
    std::int64_t count = 0;

    constexpr megabytes() = default;
    constexpr megabytes(std::int64_t value) : count(value) {}

    constexpr std::int64_t bytes() const noexcept { return count * 1024 * 1024; }

    friend constexpr auto operator<=>(megabytes, megabytes) = default;
};

/// The explicit "no limit" for a duration of the API; an unset duration means the configured default instead.
inline constexpr std::chrono::seconds unlimited = std::chrono::seconds::max();

/// The longest time to live or idle time that is accepted: ten years. More is taken for a mistake.
inline constexpr std::chrono::seconds longest_duration = std::chrono::hours{24 * 3652};

template <class Inspector>
bool inspect(Inspector& f, megabytes& x) {
    return f.apply(x.count);
}

} // namespace gestvenv
