// SPDX-License-Identifier: MIT
// Shared helpers of the `inspect` templates. A value type is described once, by its `inspect` function. The
// wire (messages/wire.hpp), JSON (messages/json.hpp), the journal and CAF all read that description. No CAF
// header is needed: an inspector is any type with `object`, `field` and `apply`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>

namespace gestvenv {

/// Describes an enumeration: by its spelling in text formats, by its number on the wire. An unknown spelling
/// or number is rejected.
template <class Inspector, class Enum>
bool inspect_enumeration(Inspector& f, Enum& value) {
    if (f.has_human_readable_format()) {
        auto get = [&value] { return std::string{to_string(value)}; };
        auto set = [&value](const std::string& text) { return from_string(text, value); };
        return f.apply(get, set);
    }
    using number = std::underlying_type_t<Enum>;
    auto get = [&value] { return static_cast<number>(value); };
    auto set = [&value](number raw) {
        auto candidate = static_cast<Enum>(raw);
        if (to_string(candidate).empty())
            return false;
        value = candidate;
        return true;
    };
    return f.apply(get, set);
}

/// Describes a path as its plain string; a path need not be UTF-8.
template <class Inspector>
auto path_field(Inspector& f, std::string_view name, std::filesystem::path& value) {
    auto get = [&value] { return value.string(); };
    auto set = [&value](std::string text) {
        value = std::move(text);
        return true;
    };
    return f.field({name.data(), name.size()}, get, set);
}

} // namespace gestvenv
