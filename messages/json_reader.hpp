// SPDX-License-Identifier: MIT
// The inspector behind `from_json_value` (messages/json.hpp), which documents what is read from what.
#pragma once

#include "messages/json_kinds.hpp"
#include "messages/outcome.hpp"
#include "messages/text_encoding.hpp"

#include <gestvenv/units.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gestvenv {

/// Keeps the first error; every call after it returns false.
class json_reader {
public:
    static constexpr bool is_loading = true;

    /// Reads `source` into `value`, or returns false and has an error; `value` is then in part read.
    template <class T>
    bool read(const nlohmann::json& source, T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            return read_bool(source, value);
        } else if constexpr (std::is_integral_v<T>) {
            return read_integer(source, value);
        } else if constexpr (std::is_floating_point_v<T>) {
            double number = 0;
            if (!read_double(source, number))
                return false;
            if (std::isfinite(number) &&
                std::abs(number) > static_cast<double>(std::numeric_limits<T>::max()))
                return fail("is too large");
            value = static_cast<T>(number);
            return true;
        } else if constexpr (std::is_same_v<T, std::string>) {
            return read_text(source, value);
        } else if constexpr (json_kinds::optional<T>) {
            if (source.is_null()) {
                value.reset();
                return true;
            }
            return read(source, value.emplace());
        } else if constexpr (std::is_same_v<T, count_limit>) {
            if (source.is_string() && source.template get_ref<const std::string&>() == "unlimited") {
                value = unlimited_count;
                return true;
            }
            return read_integer(source, value.count);
        } else if constexpr (json_kinds::duration<T>) {
            return read_duration(source, value);
        } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
            return read_time(source, value);
        } else if constexpr (json_kinds::spelled_enumeration<T>) {
            return read_enumeration(source, value);
        } else if constexpr (json_kinds::text_map<T>) {
            return read_map(source, value);
        } else if constexpr (json_kinds::list<T>) {
            return read_list(source, value);
        } else {
            const auto* outer = std::exchange(source_, &source);
            bool good = inspect(*this, value);
            source_ = outer;
            return good || fail("is not acceptable"); // no-op where the reason is known already
        }
    }

    /// What went wrong. Only after `read` returned false.
    error take_error() && { return std::move(error_); }

    // The inspector's face: what an `inspect` template calls.

    static constexpr bool has_human_readable_format() noexcept { return true; }

    template <class T>
    auto object(T&) noexcept {
        return object_reader{*this};
    }

    template <class T>
    auto field(std::string_view name, T& value) noexcept {
        auto load = [&value](json_reader& reader, const nlohmann::json& source) {
            return reader.read(source, value);
        };
        return named_field<decltype(load)>{name, load};
    }

    template <class Get, class Set>
    auto field(std::string_view name, Get get, Set set) {
        auto load = [get = std::move(get), set = std::move(set)](json_reader& reader,
                                                                 const nlohmann::json& source) {
            return reader.read_through(source, get, set);
        };
        return named_field<decltype(load)>{name, std::move(load)};
    }

    template <class T>
    bool apply(T& value) {
        return read(*source_, value);
    }

    template <class Get, class Set>
    bool apply(Get&& get, Set&& set) {
        return read_through(*source_, get, set);
    }

private:
    template <class Load>
    struct named_field {
        std::string_view name;
        Load load;
    };

    struct object_reader {
        json_reader& reader;

        template <class... Fields>
        bool fields(Fields&&... all) {
            const auto& source = *reader.source_;
            return reader.check_keys(source, {all.name...}) && (reader.read_field(source, all) && ...);
        }
    };

    /// Appends to the path for as long as it lives; the path names the place in an error.
    class step {
    public:
        step(json_reader& reader, std::string_view key);
        step(json_reader& reader, std::size_t index);
        ~step() { path_.resize(length_); }
        step(const step&) = delete;
        step& operator=(const step&) = delete;

    private:
        std::string& path_;
        std::size_t length_;
    };

    /// Sets the error unless there is one: "<path> <what>". Always false.
    bool fail(std::string_view what, std::string hint = {});
    bool fail_type(const nlohmann::json& source, std::string_view expected);
    bool check_keys(const nlohmann::json& source, const std::vector<std::string_view>& known);
    bool read_bool(const nlohmann::json& source, bool& value);
    bool read_double(const nlohmann::json& source, double& value);
    bool read_text(const nlohmann::json& source, std::string& value);
    /// JSON knows one kind of number: 3.0 is the integer 3, as far as a double tells integers apart.
    static std::optional<std::int64_t> whole_number(const nlohmann::json& source) noexcept;
    bool read_time(const nlohmann::json& source, std::chrono::system_clock::time_point& value);
    /// An integer within the bounds. `high` is unsigned so that the bounds of every integer type fit.
    bool read_bounded(const nlohmann::json& source, std::int64_t low, std::uint64_t high,
                      std::uint64_t& bits);
    /// Seconds as an integer, or as a double in units of `tick` seconds, rounded.
    bool read_seconds(const nlohmann::json& source, std::int64_t seconds_per_tick, std::int64_t& ticks);
    bool read_fine_seconds(const nlohmann::json& source, double ticks_per_second, std::int64_t& ticks);

    template <class Field>
    bool read_field(const nlohmann::json& source, Field& field) {
        auto found = source.find(std::string{field.name});
        if (found == source.end())
            return true; // keeps its default
        step here{*this, field.name};
        return field.load(*this, *found);
    }

    template <class Get, class Set>
    bool read_through(const nlohmann::json& source, Get& get, Set& set) {
        std::decay_t<decltype(get())> value{};
        if (!read(source, value))
            return false;
        if constexpr (std::is_same_v<decltype(set(std::move(value))), void>) {
            set(std::move(value));
            return true;
        } else {
            return set(std::move(value)) || fail("is not acceptable");
        }
    }

    template <class Integer>
    bool read_integer(const nlohmann::json& source, Integer& value) {
        using limits = std::numeric_limits<Integer>;
        std::uint64_t bits = 0;
        if (!read_bounded(source, static_cast<std::int64_t>(limits::min()),
                          static_cast<std::uint64_t>(limits::max()), bits))
            return false;
        value = static_cast<Integer>(bits); // two's complement (C++20): the bounds make this exact
        return true;
    }

    template <class Duration>
    bool read_duration(const nlohmann::json& source, Duration& value) {
        using rep = typename Duration::rep;
        using period = typename Duration::period;
        if (source.is_string() && source.template get_ref<const std::string&>() == "unlimited") {
            value = Duration::max();
            return true;
        }
        std::int64_t ticks = 0;
        if constexpr (!std::is_integral_v<rep>) {
            double seconds = 0;
            if (!read_double(source, seconds))
                return false;
            value = std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
            return true;
        } else if constexpr (json_kinds::whole_seconds<Duration>) {
            if (!read_seconds(source, period::num, ticks))
                return false;
        } else {
            if (!read_fine_seconds(
                    source, static_cast<double>(period::den) / static_cast<double>(period::num), ticks))
                return false;
        }
        if constexpr (std::is_integral_v<rep>) {
            if (!std::in_range<rep>(ticks))
                return fail("is too large");
            value = Duration{static_cast<rep>(ticks)};
            return true;
        }
    }

    template <class Enum>
    bool read_enumeration(const nlohmann::json& source, Enum& value) {
        std::string text;
        if (source.is_string() && from_string(source.template get_ref<const std::string&>(), value))
            return true;
        for (int raw = 0; raw <= std::numeric_limits<std::uint8_t>::max(); ++raw) {
            auto spelling = to_string(static_cast<Enum>(static_cast<std::underlying_type_t<Enum>>(raw)));
            if (!spelling.empty())
                text.append(text.empty() ? "" : ", ").append(spelling);
        }
        return fail("must be one of " + text);
    }

    template <class Map>
    bool read_map(const nlohmann::json& source, Map& map) {
        map.clear();
        if (source.is_object()) {
            for (const auto& [key, item] : source.items()) {
                step here{*this, key};
                if (!read(item, map[key]))
                    return false;
            }
            return true;
        }
        if (!source.is_array())
            return fail_type(source, "an object");
        std::size_t index = 0;
        bool all_text = true;
        for (const auto& pair : source) { // [key, value] pairs: how keys are written that are not UTF-8
            step here{*this, index++};
            if (!pair.is_array() || pair.size() != 2)
                return fail("must be a pair of key and value");
            std::string key;
            if (!read_text(pair[0], key) || !read(pair[1], map[key]))
                return false;
            all_text = all_text && is_utf8(key);
        }
        return !all_text || fail_type(source, "an object");
    }

    template <class List>
    bool read_list(const nlohmann::json& source, List& list) {
        list.clear();
        if (!source.is_array())
            return fail_type(source, "an array");
        std::size_t index = 0;
        for (const auto& item : source) {
            step here{*this, index++};
            typename List::value_type value{};
            if (!read(item, value))
                return false;
            list.push_back(std::move(value));
        }
        return true;
    }

    const nlohmann::json* source_ = nullptr;
    std::string path_;
    error error_{error_code{}, {}, {}, {}};
};

} // namespace gestvenv
