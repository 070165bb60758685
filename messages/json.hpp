// SPDX-License-Identifier: MIT
// Value types to JSON and back, by way of the one description each has (its `inspect` template, see
// inspect_support.hpp).
//
//   C++                                JSON
//   bool, integers, double             as they are; a double that is no number: "NaN", "Infinity", "-Infinity"
//   std::string                        a string; one that is not UTF-8: {"base64": "..."} (see `text_policy`)
//   enumeration with `to_string`       its spelling
//   std::optional                      null when empty
//   std::vector                        an array
//   std::map<std::string, T>           an object; only with a key that is not UTF-8: an array of [key, value]
//   duration in seconds or coarser     seconds as an integer; its `max()` is "unlimited"
//   finer duration                     seconds as a double, exact to 2^53 ticks; its `max()` is "unlimited"
//   system_clock time_point            ISO 8601, UTC, microseconds: "2025-03-01T12:34:56.000789Z"
//   struct with `inspect`              an object with every field
//
// What is read is checked: a key that the type does not have and a value of another type are errors that name
// the place ("resource_limits.max_memory must be an integer, and is a string"). They never quote a value,
// which may be a secret. A missing key leaves the field's default; 3.0 is read as the integer 3. Nothing here
// throws but std::bad_alloc. Thread-safe.
#pragma once

#include "messages/json_reader.hpp"
#include "messages/json_writer.hpp"
#include "messages/outcome.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace gestvenv {

template <class T>
nlohmann::json to_json_value(const T& value, text_policy policy = text_policy::lossless) {
    return json_writer{policy}.write(value);
}

/// The value, or error_code::invalid_argument with the place of the first thing that does not fit.
template <class T>
outcome<T> from_json_value(const nlohmann::json& source) {
    json_reader reader;
    T value{};
    if (!reader.read(source, value))
        return failure(std::move(reader).take_error());
    return value;
}

inline constexpr std::size_t largest_json = std::size_t{64} << 20;
inline constexpr std::size_t deepest_json = 100;

/// The document that `text` is, or error_code::invalid_argument with the byte at which it ceases to be JSON.
/// Comments are not accepted; nor is what is larger than `largest_json`, deeper than `deepest_json`, or a
/// number that no double holds.
outcome<nlohmann::json> parse_json(std::string_view text);

} // namespace gestvenv
