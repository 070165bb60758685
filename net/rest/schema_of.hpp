// SPDX-License-Identifier: MIT
// The JSON Schema of a value type, from its `inspect` template: what `from_json_value` and `validate` accept where it is
// of a request, what `to_json_value` writes where it is of an answer. messages/json.hpp has the table of kinds,
// net/rest/schema_bounds.hpp the bounds.
//
// Requests have one form more, for the C++ client: text that is not UTF-8 as {"base64": "..."}, and a map with such a key
// as an array of pairs. Their schemas leave it out, because it would hide every plain string.
#pragma once

#include "messages/json.hpp"
#include "messages/spelling.hpp"
#include "net/rest/schema.hpp"
#include "net/rest/schema_bounds.hpp"
#include "net/rest/schema_components.hpp"

#include <gestvenv/units.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gestvenv::rest {

/// The name of a type without its namespaces, as the compiler spells it.
template <class T>
constexpr std::string_view plain_type_name() noexcept {
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_prefix(text.find("T = ") + 4);
    text = text.substr(0, text.find_first_of(";]"));
    if (auto scope = text.rfind("::"); scope != std::string_view::npos)
        text.remove_prefix(scope + 2);
    return text;
}

class schema_writer {
public:
    static constexpr bool is_loading = false;

    explicit schema_writer(schema_components& components) noexcept : components_(components) {}

    /// `preset` is what the fields have where nothing is given.
    template <class T>
    nlohmann::json schema_for(const T& preset) {
        namespace parts = schema_parts;
        const auto way = components_.way;
        if constexpr (std::is_same_v<T, bool>) {
            return {{"type", "boolean"}};
        } else if constexpr (std::is_integral_v<T>) {
            return parts::integer(way, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
        } else if constexpr (std::is_floating_point_v<T>) {
            return parts::number();
        } else if constexpr (std::is_same_v<T, std::string>) {
            return parts::text(components_);
        } else if constexpr (json_kinds::optional<T>) {
            return parts::nullable(schema_for(typename T::value_type{}));
        } else if constexpr (std::is_same_v<T, count_limit>) {
            return parts::or_unlimited(schema_for(preset.count));
        } else if constexpr (json_kinds::duration<T>) {
            using period = typename T::period;
            if constexpr (!std::is_integral_v<typename T::rep>)
                return parts::or_unlimited(parts::number());
            else if constexpr (json_kinds::whole_seconds<T>)
                return parts::whole_seconds(way, period::num);
            else
                return parts::fine_seconds(way, static_cast<double>(period::den) / period::num);
        } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
            return parts::time_point(way);
        } else if constexpr (json_kinds::spelled_enumeration<T>) {
            return parts::enumeration(components_, plain_type_name<T>(), all_spellings<T>());
        } else if constexpr (json_kinds::text_map<T>) {
            return parts::map(components_, schema_for(typename T::mapped_type{}));
        } else if constexpr (json_kinds::list<T>) {
            return parts::list(schema_for(typename T::value_type{}));
        } else if constexpr (std::is_same_v<T, megabytes>) {
            auto schema = schema_for(preset.count);
            schema["description"] = "MB (2^20 bytes)";
            return schema;
        } else {
            return schema_of_inspected(preset);
        }
    }

    // The inspector's face: what an `inspect` template calls.

    static constexpr bool has_human_readable_format() noexcept { return true; }

    template <class T>
    auto object(T&) noexcept {
        return object_schema{*this};
    }

    template <class T>
    auto field(std::string_view name, T& value) noexcept {
        return [name, &value](schema_writer& writer) { writer.add_field(name, std::as_const(value)); };
    }

    template <class Get, class Set>
    auto field(std::string_view name, Get get, Set&&) {
        return [name, get = std::move(get)](schema_writer& writer) { writer.add_field(name, get()); };
    }

    template <class T>
    bool apply(T& value) {
        result_ = schema_for(std::as_const(value));
        return true;
    }

    template <class Get, class Set>
    bool apply(Get&& get, Set&&) {
        result_ = schema_for(get());
        return true;
    }

private:
    struct object_schema {
        schema_writer& writer;

        template <class... Fields>
        bool fields(Fields&&... all) {
            writer.result_ = nlohmann::json::object();
            (all(writer), ...);
            writer.result_ = schema_parts::structure(writer.components_.way, std::move(writer.result_));
            if (writer.components_.way == direction::input)
                bound_structure(writer.type_, writer.result_);
            writer.is_structure_ = true;
            return true;
        }
    };

    template <class T>
    void add_field(std::string_view name, const T& preset) {
        auto schema = schema_for(preset);
        if (components_.way == direction::input) {
            bound_field(type_, name, schema);
            if (auto value = to_json_value(preset); value.is_primitive() && !value.is_null())
                schema["default"] = std::move(value);
        }
        result_[std::string{name}] = std::move(schema);
    }

    template <class T>
    nlohmann::json schema_of_inspected(const T& preset) {
        constexpr auto type = plain_type_name<T>();
        static_assert(type.find_first_of("<> ") == std::string_view::npos, "a component needs a plain name");
        auto name = std::string{type} + (components_.way == direction::input ? "_input" : "");
        // Before it is known: a type may hold itself.
        auto [place, is_new] = components_.named.try_emplace(name);
        if (!is_new)
            return schema_parts::reference_to(name);
        schema_writer nested{components_};
        nested.type_ = type;
        // An `inspect` takes a mutable reference because it serves loading too; this does not write to it.
        inspect(nested, const_cast<T&>(preset));
        if (!nested.is_structure_) {
            components_.named.erase(place);
            return std::move(nested.result_);
        }
        place->second = std::move(nested.result_);
        return schema_parts::reference_to(name);
    }

    schema_components& components_;
    std::string_view type_;
    nlohmann::json result_;
    bool is_structure_ = false;
};

template <class T>
nlohmann::json schema_of(schema_components& components) {
    return schema_writer{components}.schema_for(T{});
}

/// Of a page of a longer list: `{"items": [...], "next": cursor or null}`.
template <class T>
nlohmann::json page_schema_of(schema_components& components) {
    nlohmann::json properties{{"items", schema_of<std::vector<T>>(components)},
                              {"next", schema_parts::nullable({{"type", "string"}})}};
    return schema_parts::structure(components.way, std::move(properties));
}

} // namespace gestvenv::rest
