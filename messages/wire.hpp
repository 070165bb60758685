// SPDX-License-Identifier: MIT
// Value types as bytes, for the messages between runtime, launcher and keepers. Reads the same `inspect`
// functions as JSON and CAF. Both ends are the same build on the same machine (checked in the greeting), so
// numbers travel in native byte order and there are no field tags.
//
// A reader never trusts its input: every length is checked against what is left, so a short or hostile
// message is a false return, never an out-of-bounds read or a huge allocation.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gestvenv::wire {

template <class T>
concept number = std::is_arithmetic_v<T>;

/// The two halves below share how a description is walked; only `number` and `string` differ.
template <class Derived>
class inspector_base {
public:
    static constexpr bool has_human_readable_format() noexcept { return false; }

    template <class T>
    struct object_view {
        Derived& inspector;

        template <class... Fields>
        bool fields(Fields&&... field) {
            return (field(inspector) && ...);
        }
    };

    template <class T>
    object_view<T> object(T&) {
        return {self()};
    }

    template <class T>
    auto field(std::string_view, T& value) {
        return [&value](Derived& f) { return f.apply(value); };
    }

    template <class Get, class Set>
    auto field(std::string_view, Get get, Set set) {
        return [get, set](Derived& f) { return f.apply(get, set); };
    }

    template <class Rep, class Period>
    bool apply(std::chrono::duration<Rep, Period>& value) {
        auto get = [&value] { return value.count(); };
        auto set = [&value](Rep count) {
            value = std::chrono::duration<Rep, Period>{count};
            return true;
        };
        return self().apply(get, set);
    }

    template <class Clock, class Duration>
    bool apply(std::chrono::time_point<Clock, Duration>& value) {
        auto get = [&value] { return value.time_since_epoch().count(); };
        auto set = [&value](typename Duration::rep count) {
            value = std::chrono::time_point<Clock, Duration>{Duration{count}};
            return true;
        };
        return self().apply(get, set);
    }

protected:
    Derived& self() { return static_cast<Derived&>(*this); }
};

/// Appends values to a string of bytes.
class writer : public inspector_base<writer> {
public:
    static constexpr bool is_loading = false;
    using inspector_base::apply;

    explicit writer(std::string& bytes) : bytes_(bytes) {}

    /// A number, or anything with a description of its own. One template for both: clang 14 takes two that
    /// differ in their constraints alone, one of them inherited, for the same.
    template <class T>
    bool apply(T& value) {
        if constexpr (number<T>)
            return append(&value, sizeof value);
        else
            return inspect(*this, value);
    }

    bool apply(std::string& value) {
        auto size = static_cast<std::uint32_t>(value.size());
        return apply(size) && append(value.data(), value.size());
    }

    template <class T>
    bool apply(std::vector<T>& values) {
        auto size = static_cast<std::uint32_t>(values.size());
        if (!apply(size))
            return false;
        for (auto& value : values)
            if (!apply(value))
                return false;
        return true;
    }

    template <class Key, class Value>
    bool apply(std::map<Key, Value>& values) {
        auto size = static_cast<std::uint32_t>(values.size());
        if (!apply(size))
            return false;
        for (auto& [key, value] : values) {
            auto name = key;
            if (!apply(name) || !apply(value))
                return false;
        }
        return true;
    }

    template <class T>
    bool apply(std::optional<T>& value) {
        bool present = value.has_value();
        return apply(present) && (!present || apply(*value));
    }

    template <class Get, class Set>
    bool apply(Get get, Set) {
        auto value = get();
        return apply(value);
    }

private:
    bool append(const void* data, std::size_t size) {
        bytes_.append(static_cast<const char*>(data), size);
        return true;
    }

    std::string& bytes_;
};

/// Takes values off a string of bytes; false as soon as something does not fit.
class reader : public inspector_base<reader> {
public:
    static constexpr bool is_loading = true;
    using inspector_base::apply;

    explicit reader(std::string_view bytes) : bytes_(bytes) {}

    std::string_view rest() const noexcept { return bytes_; }

    template <class T>
    bool apply(T& value) {
        if constexpr (!number<T>) {
            return inspect(*this, value);
        } else if constexpr (std::is_same_v<T, bool>) {
            std::uint8_t raw = 0;
            if (!take(&raw, 1) || raw > 1)
                return false;
            value = raw == 1;
            return true;
        } else {
            return take(&value, sizeof value);
        }
    }

    bool apply(std::string& value) {
        std::uint32_t size = 0;
        if (!apply(size) || size > bytes_.size())
            return false;
        value.assign(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return true;
    }

    template <class T>
    bool apply(std::vector<T>& values) {
        std::uint32_t size = 0;
        // Every element takes at least one byte, which bounds what a hostile size can make us allocate.
        if (!apply(size) || size > bytes_.size())
            return false;
        values.clear();
        for (std::uint32_t i = 0; i < size; ++i)
            if (!apply(values.emplace_back()))
                return false;
        return true;
    }

    template <class Key, class Value>
    bool apply(std::map<Key, Value>& values) {
        std::uint32_t size = 0;
        if (!apply(size) || size > bytes_.size())
            return false;
        values.clear();
        for (std::uint32_t i = 0; i < size; ++i) {
            Key key;
            Value value;
            if (!apply(key) || !apply(value))
                return false;
            values.emplace(std::move(key), std::move(value));
        }
        return true;
    }

    template <class T>
    bool apply(std::optional<T>& value) {
        bool present = false;
        if (!apply(present))
            return false;
        if (!present) {
            value.reset();
            return true;
        }
        return apply(value.emplace());
    }

    template <class Get, class Set>
    bool apply(Get get, Set set) {
        std::decay_t<decltype(get())> value{};
        return apply(value) && set(std::move(value));
    }

private:
    bool take(void* target, std::size_t size) {
        if (size > bytes_.size())
            return false;
        std::memcpy(target, bytes_.data(), size);
        bytes_.remove_prefix(size);
        return true;
    }

    std::string_view bytes_;
};

template <class T>
std::string to_bytes(T& value) {
    std::string bytes;
    writer{bytes}.apply(value);
    return bytes;
}

/// Empty when the bytes are not exactly one `T`.
template <class T>
std::optional<T> from_bytes(std::string_view bytes) {
    reader source{bytes};
    std::optional<T> value{std::in_place};
    if (!source.apply(*value) || !source.rest().empty())
        return std::nullopt;
    return value;
}

} // namespace gestvenv::wire
