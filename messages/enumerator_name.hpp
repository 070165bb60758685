// SPDX-License-Identifier: MIT
// The names of enumerators, as the compiler knows them: an enumerator is written down once, where it is
// declared.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace gestvenv {

namespace detail {

/// The enumerator's name without its scope; empty where `Value` is none of the enumerators.
template <auto Value>
constexpr std::string_view enumerator_name() noexcept {
    // GCC and clang write `... [with auto Value = space::kind::name; ...]` and `... [Value =
    // space::kind::name]`, and for a value without a name `(space::kind)7`.
    std::string_view text = __PRETTY_FUNCTION__;
    constexpr std::string_view label = "Value = ";
    text.remove_prefix(text.find(label) + label.size());
    text = text.substr(0, text.find_first_of(";]"));
    if (text.front() == '(')
        return {};
    return text.substr(text.rfind(':') + 1);
}

template <class Enum, std::size_t... Numbers>
constexpr auto enumerator_names(std::index_sequence<Numbers...> /*numbers*/) noexcept {
    return std::array{enumerator_name<static_cast<Enum>(Numbers)>()...};
}

} // namespace detail

/// The names of the enumerators 0, 1, ... of `Enum`, which has fewer than `Most`; empty behind the last.
template <class Enum, std::size_t Most = 32>
inline constexpr auto enumerator_names = [] {
    constexpr auto names = detail::enumerator_names<Enum>(std::make_index_sequence<Most>{});
    static_assert(!names.front().empty() && names.back().empty(), "not all enumerators are seen");
    return names;
}();

} // namespace gestvenv
