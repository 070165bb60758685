// SPDX-License-Identifier: MIT
// Which C++ types JSON treats alike; the table is in messages/json.hpp.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>

namespace gestvenv::json_kinds {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
concept optional = is_optional<T>::value;

template <class T>
struct is_duration : std::false_type {};
template <class Rep, class Period>
struct is_duration<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class T>
concept duration = is_duration<T>::value;

/// A duration that can be told in whole seconds without loss.
template <class T>
concept whole_seconds = duration<T> && std::integral<typename T::rep> && T::period::den == 1;

/// An enumeration of one byte with `to_string` and `from_string`, which name its values.
template <class T>
concept spelled_enumeration = std::is_enum_v<T> && sizeof(T) == 1 &&
                              requires(T& value, std::string_view text) {
    { to_string(value) } -> std::convertible_to<std::string_view>;
    { from_string(text, value) } -> std::same_as<bool>;
};

template <class T>
concept text_map = requires {
    typename T::mapped_type;
}
&&std::same_as<typename T::key_type, std::string>;

template <class T>
concept list = !std::same_as<T, std::string> && requires(T & container, typename T::value_type item) {
    container.push_back(std::move(item));
};

} // namespace gestvenv::json_kinds
