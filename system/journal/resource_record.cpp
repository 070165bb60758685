// SPDX-License-Identifier: MIT
#include "system/journal/resource_record.hpp"

namespace gestvenv {

bool is_kind_name(std::string_view text) noexcept {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace gestvenv
