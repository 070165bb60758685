// SPDX-License-Identifier: MIT
// Who asks the node, and what that one may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::rest {

/// Each includes the one before it.
enum class right : std::uint8_t {
    none,  ///< needs no token: /health, /ready
    read,  ///< lists and shows
    write, ///< makes, uses and ends environments
    admin, ///< sees and ends those of others, too
};

constexpr std::string_view to_string(right value) noexcept {
    switch (value) {
    case right::none:
        return "none";
    case right::read:
        return "read";
    case right::write:
        return "write";
    case right::admin:
        return "admin";
    }
    return {};
}

constexpr bool from_string(std::string_view text, right& value) noexcept {
    for (auto known : {right::read, right::write, right::admin})
        if (text == to_string(known)) {
            value = known;
            return true;
        }
    return false;
}

struct principal {
    /// `local` for this user's processes on the Unix socket and for the page, else the token's id.
    std::string id;
    right may = right::none;
    /// By a cookie.
    bool is_page = false;

    /// Whether it may see and change what belongs to `owner`.
    bool reaches(std::string_view owner) const noexcept { return may == right::admin || owner == id; }
};

} // namespace gestvenv::rest
