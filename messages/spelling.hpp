// SPDX-License-Identifier: MIT
// The reverse of a `to_string`: finds the enumerator a text spells. Shared by enumerations and error codes.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gestvenv {

/// Sets `value` to the enumerator that `spelling` spells as `text` and returns true, or leaves it alone and
/// returns false. Asks every value the one-byte type can hold, so that each spelling is written in one place:
/// a switch without a default, which the compiler checks for completeness.
template <class Enum, class Spelling>
constexpr bool find_spelling(std::string_view text, Enum& value, Spelling spelling) noexcept {
    using number = std::underlying_type_t<Enum>;
    static_assert(std::is_same_v<number, std::uint8_t>, "walking all values is meant for one byte");
    if (text.empty()) // what `to_string` returns for a value that is no enumerator
        return false;
    for (int raw = 0; raw <= std::numeric_limits<number>::max(); ++raw) {
        auto candidate = static_cast<Enum>(raw);
        if (spelling(candidate) == text) {
            value = candidate;
            return true;
        }
    }
    return false;
}

/// How every enumerator is spelled by its `to_string`, in their order.
template <class Enum>
std::vector<std::string_view> all_spellings() {
    static_assert(std::is_same_v<std::underlying_type_t<Enum>, std::uint8_t>);
    std::vector<std::string_view> all;
    for (int raw = 0; raw <= std::numeric_limits<std::uint8_t>::max(); ++raw)
        if (auto text = to_string(static_cast<Enum>(raw)); !text.empty())
            all.push_back(text);
    return all;
}

} // namespace gestvenv
