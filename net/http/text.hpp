// SPDX-License-Identifier: MIT
// Small questions about text of HTTP (RFC 9110, section 5.6).
#pragma once

#include <algorithm>
#include <string_view>

namespace gestvenv::http {

constexpr char lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// Without case, for ASCII.
inline bool same_word(std::string_view one, std::string_view other) noexcept {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char left, char right) { return lower(left) == lower(right); });
}

/// A name of a field, a method or a protocol.
inline bool is_token(std::string_view text) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char letter) {
        return (letter >= '0' && letter <= '9') || (lower(letter) >= 'a' && lower(letter) <= 'z') ||
               others.find(letter) != std::string_view::npos;
    });
}

inline bool is_control(char letter) noexcept {
    auto byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7f;
}

/// What may be the value of a field.
inline bool is_field_value(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(),
                        [](char letter) { return is_control(letter) && letter != '\t'; });
}

/// Whether a list of words separated by commas, as `Connection` and `Upgrade` are, has this one.
inline bool lists(std::string_view list, std::string_view word) noexcept {
    while (!list.empty()) {
        auto comma = std::min(list.find(','), list.size());
        auto entry = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (!entry.empty() && (entry.front() == ' ' || entry.front() == '\t'))
            entry.remove_prefix(1);
        while (!entry.empty() && (entry.back() == ' ' || entry.back() == '\t'))
            entry.remove_suffix(1);
        if (same_word(entry, word))
            return true;
    }
    return false;
}

} // namespace gestvenv::http
