// SPDX-License-Identifier: MIT
#include "messages/json.hpp"

#include "messages/iso_time.hpp"
#include "messages/shown_text.hpp"
#include "messages/text_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gestvenv {

namespace {

constexpr std::size_t longest_plain_key = 60;

bool is_plain(std::string_view key) noexcept {
    return key.size() <= longest_plain_key &&
           std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F' && c != '`'; });
}

} // namespace

json_reader::step::step(json_reader& reader, std::string_view key)
    : path_(reader.path_), length_(path_.size()) {
    if (!path_.empty())
        path_ += '.';
    // A key of the document, not of ours, may be long or move a terminal's cursor.
    path_ += is_plain(key) ? std::string{key} : shown(key);
}

json_reader::step::step(json_reader& reader, std::size_t index) : path_(reader.path_), length_(path_.size()) {
    path_ += fmt::format("[{}]", index);
}

bool json_reader::fail(std::string_view what, std::string hint) {
    if (error_.code == error_code{}) {
        error_.code = error_code::invalid_argument;
        error_.message = fmt::format("{} {}", path_.empty() ? "the value" : path_, what);
        error_.hint = std::move(hint);
    }
    return false;
}

bool json_reader::fail_type(const nlohmann::json& source, std::string_view expected) {
    std::string_view actual = "a number";
    if (source.is_null())
        actual = "null";
    else if (source.is_boolean())
        actual = "a boolean";
    else if (source.is_number_float())
        actual = "a number with a fraction";
    else if (source.is_string())
        actual = "a string";
    else if (source.is_array())
        actual = "an array";
    else if (source.is_object())
        actual = "an object";
    return fail(fmt::format("must be {}, and is {}", expected, actual));
}

bool json_reader::check_keys(const nlohmann::json& source, const std::vector<std::string_view>& known) {
    if (!source.is_object())
        return fail_type(source, "an object");
    for (const auto& [key, item] : source.items()) {
        if (std::find(known.begin(), known.end(), key) != known.end())
            continue;
        step here{*this, key};
        return fail("is not a known key", fmt::format("known here: {}", fmt::join(known, ", ")));
    }
    return true;
}

bool json_reader::read_bool(const nlohmann::json& source, bool& value) {
    if (!source.is_boolean())
        return fail_type(source, "true or false");
    value = source.get<bool>();
    return true;
}

bool json_reader::read_double(const nlohmann::json& source, double& value) {
    if (source.is_number()) {
        value = source.get<double>();
        return true;
    }
    if (source.is_string()) {
        const auto& text = source.get_ref<const std::string&>();
        if (text == "NaN")
            value = std::numeric_limits<double>::quiet_NaN();
        else if (text == "Infinity")
            value = std::numeric_limits<double>::infinity();
        else if (text == "-Infinity")
            value = -std::numeric_limits<double>::infinity();
        else
            return fail_type(source, "a number");
        return true;
    }
    return fail_type(source, "a number");
}

bool json_reader::read_text(const nlohmann::json& source, std::string& value) {
    if (source.is_string()) {
        value = source.get_ref<const std::string&>();
        return true;
    }
    if (!source.is_object() || source.size() != 1 || !source.contains("base64") ||
        !source["base64"].is_string())
        return fail_type(source, "a string");
    auto bytes = from_base64(source["base64"].get_ref<const std::string&>());
    if (!bytes)
        return fail("must be a string, or hold one as base64");
    value = std::move(*bytes);
    return true;
}

bool json_reader::read_time(const nlohmann::json& source, std::chrono::system_clock::time_point& value) {
    auto time = source.is_string() ? from_iso_time(source.get_ref<const std::string&>()) : std::nullopt;
    if (!time)
        return fail("must be a time like \"2025-03-01T12:34:56.000789Z\"");
    value = *time;
    return true;
}

std::optional<std::int64_t> json_reader::whole_number(const nlohmann::json& source) noexcept {
    constexpr double largest_exact = 0x1p53;
    if (!source.is_number_float())
        return std::nullopt;
    auto number = source.get<double>();
    if (!(std::abs(number) <= largest_exact) || std::trunc(number) != number)
        return std::nullopt;
    return static_cast<std::int64_t>(number);
}

bool json_reader::read_bounded(const nlohmann::json& source, std::int64_t low, std::uint64_t high,
                               std::uint64_t& bits) {
    if (auto whole = whole_number(source))
        return read_bounded(*whole, low, high, bits);
    if (!source.is_number_integer()) // true for unsigned numbers too
        return fail_type(source, "an integer");
    // A number that C++ code put into the document may be tagged signed though it is not negative.
    bool negative = !source.is_number_unsigned() && source.get<std::int64_t>() < 0;
    bool within = negative ? source.get<std::int64_t>() >= low : source.get<std::uint64_t>() <= high;
    if (!within)
        return fail(fmt::format("must be from {} to {}", low, high));
    bits = negative ? static_cast<std::uint64_t>(source.get<std::int64_t>()) : source.get<std::uint64_t>();
    return true;
}

bool json_reader::read_seconds(const nlohmann::json& source, std::int64_t seconds_per_tick,
                               std::int64_t& ticks) {
    std::int64_t seconds = 0;
    if (!source.is_number_integer() && !whole_number(source))
        return fail("must be a whole number of seconds, or \"unlimited\"");
    if (!read_integer(source, seconds))
        return false;
    if (seconds % seconds_per_tick != 0)
        return fail(fmt::format("must be a multiple of {} seconds", seconds_per_tick));
    ticks = seconds / seconds_per_tick;
    return true;
}

bool json_reader::read_fine_seconds(const nlohmann::json& source, double ticks_per_second,
                                    std::int64_t& ticks) {
    double seconds = 0;
    if (!source.is_number())
        return fail("must be a number of seconds, or \"unlimited\"");
    if (!read_double(source, seconds))
        return false;
    double exact = std::round(seconds * ticks_per_second);
    // 2^63 is a double, the largest 64-bit integer is not: compare below it.
    if (!(std::abs(exact) < 0x1p63))
        return fail("is too large");
    ticks = static_cast<std::int64_t>(exact);
    return true;
}

namespace {

/// How deep the brackets of a JSON text go. Those in strings do not count; a text that is no JSON has
/// some depth too, and its parser's error.
std::size_t depth_of(std::string_view text) noexcept {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '"')
            in_string = !in_string;
        else if (in_string && c == '\\')
            ++at;
        else if (!in_string && (c == '[' || c == '{'))
            deepest = std::max(deepest, ++depth);
        else if (!in_string && (c == ']' || c == '}') && depth > 0)
            --depth;
    }
    return deepest;
}

tl::unexpected<error> not_json(std::size_t byte) {
    return failure(error_code::invalid_argument, fmt::format("this is not JSON, from byte {} on", byte));
}

} // namespace

outcome<nlohmann::json> parse_json(std::string_view text) {
    if (text.size() > largest_json)
        return failure(error_code::invalid_argument,
                       fmt::format("this JSON has more than {} MiB", largest_json / (1024 * 1024)));
    // The parser itself does not recurse, but copying, comparing and writing what it makes does.
    if (depth_of(text) > deepest_json)
        return failure(error_code::invalid_argument,
                       fmt::format("this JSON has more than {} levels of brackets", deepest_json));
    try {
        auto document = nlohmann::json::parse(text);
        // A NUL ends the parser's input: what follows would be dropped without a word.
        if (auto end = text.find('\0'); end != std::string_view::npos)
            return not_json(end + 1);
        return document;
    } catch (const nlohmann::json::parse_error& problem) {
        // Only the place: the text there may be a secret.
        return not_json(problem.byte);
    } catch (const nlohmann::json::out_of_range&) {
        return failure(error_code::invalid_argument, "this JSON has a number that is too large",
                       "a number is at most 1.7976931348623157e308, and at least the negative of it");
    } catch (const nlohmann::json::exception& problem) {
        return failure(error_code::invalid_argument,
                       fmt::format("this JSON cannot be read (the parser's error {})", problem.id));
    }
}

} // namespace gestvenv
