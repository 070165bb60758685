// SPDX-License-Identifier: MIT
// Values in which nothing is empty: every optional is set, every list and map has an item, and no text is UTF-8.
#pragma once

#include "messages/json_kinds.hpp"

#include <gestvenv/units.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gestvenv::test {

/// An inspector that fills what it is led through.
class filler {
public:
    static constexpr bool is_loading = true;
    static constexpr bool has_human_readable_format() noexcept { return true; }

    template <class T>
    bool fill(T& value) {
        if constexpr (std::is_arithmetic_v<T>) { // NOLINT(bugprone-branch-clone)
            value = static_cast<T>(1);
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = "a\xFF";
        } else if constexpr (json_kinds::optional<T>) {
            return fill(value.emplace());
        } else if constexpr (json_kinds::duration<T>) {
            value = T{3};
        } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
            value = T{std::chrono::seconds{1740832496}};
        } else if constexpr (json_kinds::spelled_enumeration<T>) {
            value = static_cast<T>(1);
        } else if constexpr (json_kinds::text_map<T>) {
            return fill(value["a\xFF"]);
        } else if constexpr (json_kinds::list<T>) {
            return fill(value.emplace_back());
        } else {
            return inspect(*this, value);
        }
        return true;
    }

    template <class T>
    auto object(T&) noexcept {
        return object_filler{*this};
    }
    template <class T>
    auto field(std::string_view, T& value) noexcept {
        return [&value](filler& self) { return self.fill(value); };
    }
    template <class Get, class Set>
    auto field(std::string_view, Get get, Set set) {
        return [get, set](filler& self) { return self.apply(get, set); };
    }
    template <class T>
    bool apply(T& value) {
        return fill(value);
    }
    template <class Get, class Set>
    bool apply(Get get, Set set) {
        std::decay_t<decltype(get())> value{};
        return fill(value) && set(std::move(value));
    }

private:
    struct object_filler {
        filler& self;
        template <class... Fields>
        bool fields(Fields&&... all) {
            return (all(self) && ...);
        }
    };
};

template <class T>
T filled() {
    T value{};
    filler{}.fill(value);
    return value;
}

} // namespace gestvenv::test
