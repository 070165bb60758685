// SPDX-License-Identifier: MIT
// The inspector behind `to_json_value` (messages/json.hpp), which documents what becomes what.
#pragma once

#include "messages/iso_time.hpp"
#include "messages/json_kinds.hpp"
#include "messages/text_encoding.hpp"

#include <gestvenv/units.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gestvenv {

/// What becomes of strings that are not UTF-8, such as paths and the output of programs.
enum class text_policy : std::uint8_t {
    /// {"base64": "..."}, which reads back as the same bytes: for the journal and for other programs.
    lossless,
    /// A string with U+FFFD for what is not text: for people.
    replace,
};

class json_writer {
public:
    static constexpr bool is_loading = false;

    explicit json_writer(text_policy policy) noexcept : policy_(policy) {}

    template <class T>
    nlohmann::json write(const T& value) const {
        if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T>) {
            return value;
        } else if constexpr (std::is_floating_point_v<T>) {
            return write_number(static_cast<double>(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
            return write_text(value);
        } else if constexpr (json_kinds::optional<T>) {
            return value ? write(*value) : nlohmann::json(nullptr);
        } else if constexpr (std::is_same_v<T, count_limit>) {
            return value == unlimited_count ? nlohmann::json("unlimited") : nlohmann::json(value.count);
        } else if constexpr (json_kinds::duration<T>) {
            return write_duration(value);
        } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
            return to_iso_time(value);
        } else if constexpr (json_kinds::spelled_enumeration<T>) {
            return std::string{to_string(value)};
        } else if constexpr (json_kinds::text_map<T>) {
            return write_map(value);
        } else if constexpr (json_kinds::list<T>) {
            auto result = nlohmann::json::array();
            for (const auto& item : value)
                result.push_back(write<typename T::value_type>(item));
            return result;
        } else {
            json_writer nested{policy_};
            // An `inspect` takes a mutable reference because it serves loading too; a writer does not write
            // to it.
            inspect(nested, const_cast<T&>(value));
            return std::move(nested.result_);
        }
    }

    // The inspector's face: what an `inspect` template calls.

    static constexpr bool has_human_readable_format() noexcept { return true; }

    template <class T>
    auto object(T&) noexcept {
        return object_writer{*this};
    }

    template <class T>
    auto field(std::string_view name, T& value) noexcept {
        return
            [name, &value](json_writer& writer) { writer.result_[std::string{name}] = writer.write(value); };
    }

    template <class Get, class Set>
    auto field(std::string_view name, Get get, Set&&) {
        return [name, get = std::move(get)](json_writer& writer) {
            writer.result_[std::string{name}] = writer.write(get());
        };
    }

    template <class T>
    bool apply(T& value) {
        result_ = write(value);
        return true;
    }

    template <class Get, class Set>
    bool apply(Get&& get, Set&&) {
        result_ = write(get());
        return true;
    }

private:
    struct object_writer {
        json_writer& writer;

        template <class... Fields>
        bool fields(Fields&&... all) {
            writer.result_ = nlohmann::json::object();
            (all(writer), ...);
            return true;
        }
    };

    nlohmann::json write_text(const std::string& text) const {
        if (is_utf8(text))
            return text;
        if (policy_ == text_policy::replace)
            return replace_invalid_utf8(text);
        auto result = nlohmann::json::object();
        result["base64"] = to_base64(text);
        return result;
    }

    static nlohmann::json write_number(double number) {
        if (std::isfinite(number))
            return number;
        if (std::isnan(number))
            return "NaN";
        return number > 0 ? "Infinity" : "-Infinity";
    }

    template <class Duration>
    static nlohmann::json write_duration(Duration value) {
        if (value == Duration::max())
            return "unlimited";
        if constexpr (json_kinds::whole_seconds<Duration>)
            return std::chrono::duration_cast<std::chrono::duration<std::int64_t>>(value).count();
        else
            return write_number(std::chrono::duration<double>(value).count());
    }

    template <class Map>
    nlohmann::json write_map(const Map& map) const {
        bool all_text = true;
        for (const auto& [key, value] : map)
            all_text = all_text && is_utf8(key);
        auto result = all_text ? nlohmann::json::object() : nlohmann::json::array();
        for (const auto& [key, value] : map) {
            if (all_text)
                result[key] = write(value);
            else
                result.push_back(nlohmann::json::array({write_text(key), write(value)}));
        }
        return result;
    }

    text_policy policy_;
    nlohmann::json result_;
};

} // namespace gestvenv
