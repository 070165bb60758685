// SPDX-License-Identifier: MIT
#include "tools/gestvenv/options/option_values.hpp"

#include "messages/unit_text.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace gestvenv::cli {

namespace {

/// Beyond what 64-bit sizes can count.
constexpr double too_many = 9.0e18;

/// All of `text` as a number. from_chars knows no locale, and takes neither white space nor a plus sign.
template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto* end = text.data() + text.size();
    auto [stopped, problem] = std::from_chars(text.data(), end, number);
    return problem == std::errc{} && stopped == end;
}

bool begins_version_clause(std::string_view rest) {
    auto begin = rest.find_first_not_of(" \t");
    return begin != std::string_view::npos &&
           std::string_view{"<>=!~"}.find(rest[begin]) != std::string_view::npos;
}

} // namespace

tl::unexpected<error> bad_value(std::string message, std::string hint) {
    return failure(error_code::invalid_argument, std::move(message), std::move(hint));
}

outcome<std::string> any_text(const std::string& option, const std::string& text) {
    if (text.empty())
        return bad_value(fmt::format("{} is empty", option));
    return text;
}

outcome<std::chrono::milliseconds> parse_timeout(std::string_view option, std::string_view text) {
    auto examples = fmt::format("{} 90, {} 0.5, or {} 10m", option, option, option);
    auto seconds = seconds_in(text);
    if (!seconds)
        return bad_value(fmt::format("{} takes a number of seconds, and {} is none", option, shown(text)),
                         examples);
    if (*seconds <= 0 || *seconds > static_cast<double>(longest_duration.count()))
        return bad_value(fmt::format("{} must be more than 0 and at most {} seconds, and is {}", option,
                                     longest_duration.count(), shown(text)),
                         examples);
    // Rounded up: 0.0001 is more than no time at all.
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(*seconds * 1000))};
}

outcome<std::chrono::seconds> parse_lifetime(std::string_view option, std::string_view text) {
    if (text == "unlimited")
        return unlimited;
    auto examples = fmt::format("{} 600, {} 10m, or {} unlimited", option, option, option);
    auto seconds = seconds_in(text);
    if (!seconds || std::floor(*seconds) != *seconds)
        return bad_value(
            fmt::format("{} takes a whole number of seconds, and {} is none", option, shown(text)), examples);
    if (*seconds < 1 || *seconds > static_cast<double>(longest_duration.count()))
        return bad_value(fmt::format("{} must be from 1 to {} seconds, and is {}", option,
                                     longest_duration.count(), shown(text)),
                         examples);
    return std::chrono::seconds{static_cast<std::int64_t>(*seconds)};
}

outcome<megabytes> parse_megabytes(std::string_view option, std::string_view text) {
    constexpr double unit = 1 << 20;
    auto bytes = bytes_in(text, megabytes{1}.bytes());
    if (!bytes || std::floor(*bytes / unit) != *bytes / unit || std::abs(*bytes) >= too_many)
        return bad_value(
            fmt::format("{} takes a whole number of megabytes, and {} is none", option, shown(text)),
            fmt::format("{} 512 or {} 512M for half a gigabyte, {} 2G", option, option, option));
    return megabytes{static_cast<std::int64_t>(*bytes / unit)};
}

outcome<std::int64_t> parse_bytes(std::string_view option, std::string_view text) {
    auto bytes = bytes_in(text, 1);
    if (!bytes || std::floor(*bytes) != *bytes || std::abs(*bytes) >= too_many)
        return bad_value(fmt::format("{} takes a whole number of bytes, and {} is none", option, shown(text)),
                         fmt::format("{} 65536, {} 64K, or {} 16M", option, option, option));
    return static_cast<std::int64_t>(*bytes);
}

outcome<int> parse_count(std::string_view option, std::string_view text) {
    int number = 0;
    if (!read_number(text, number))
        return bad_value(fmt::format("{} takes a whole number, and {} is none", option, shown(text)),
                         fmt::format("{} 20", option));
    return number;
}

outcome<count_limit> parse_count_limit(std::string_view option, std::string_view text) {
    if (text == "unlimited")
        return unlimited_count;
    return parse_count(option, text).map([](int number) { return count_limit{number}; });
}

outcome<double> parse_percent(std::string_view option, std::string_view text) {
    double number = 0;
    // from_chars reads "inf" and "nan" too.
    if (!read_number(text, number) || !std::isfinite(number))
        return bad_value(fmt::format("{} takes a number, and {} is none", option, shown(text)),
                         fmt::format("{} 100 for one core, {} 50 for half of one", option, option));
    return number;
}

outcome<std::pair<std::string, std::string>> parse_variable(std::string_view option, std::string_view text) {
    auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return bad_value(fmt::format("{} takes NAME=VALUE", option),
                         "to pass on a variable that is set here: --pass-env NAME");
    return std::pair{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

outcome<std::pair<std::string, std::string>> parse_build_variable(std::string_view option,
                                                                  std::string_view text) {
    if (text.find('=') != std::string_view::npos)
        return parse_variable(option, text);
    const std::string name{text};
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    if (value == nullptr)
        return bad_value(
            fmt::format("{} takes a variable that is set here, and {} is not", option, shown(text)),
            fmt::format("to give it a value: {} NAME=VALUE", option));
    return std::pair{name, std::string{value}};
}

outcome<std::pair<std::string, std::string>> parse_tag(std::string_view option, std::string_view text) {
    auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return bad_value(fmt::format("{} takes KEY=VALUE, and {} is none", option, shown(text)),
                         fmt::format("{} team=data", option));
    return std::pair{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

outcome<access_grant> parse_grant(std::string_view option, std::string_view text) {
    // The last one: a path may hold any.
    auto equals = text.rfind('=');
    access_grant grant;
    if (equals == std::string_view::npos || equals == 0 ||
        !from_string(text.substr(equals + 1), grant.access))
        return bad_value(
            fmt::format("{} takes PATH=read or PATH=write, and {} is neither", option, shown(text)),
            fmt::format("{} /srv/data=read", option));
    grant.path = std::filesystem::absolute(text.substr(0, equals)).lexically_normal();
    return grant;
}

outcome<artifact_rule> parse_artifact(std::string_view option, std::string_view text) {
    // The last one: a pattern such as `a=b` is likelier than a folder of such a name.
    auto equals = text.rfind('=');
    if (equals == std::string_view::npos || equals + 1 == text.size())
        return bad_value(fmt::format("{} takes GLOB=DIR, and {} is none", option, shown(text)),
                         fmt::format("{} 'dist/*.whl=out'", option));
    auto pattern = artifact_pattern::parse(text.substr(0, equals));
    if (!pattern)
        return bad_value(fmt::format("{} {}: {}", option, shown(text), pattern.error().message),
                         pattern.error().hint);
    return artifact_rule{std::move(*pattern), std::string{text.substr(equals + 1)}};
}

outcome<std::string> parse_variable_name(std::string_view option, std::string_view text) {
    if (text.empty() || text.find('=') != std::string_view::npos)
        return bad_value(fmt::format("{} takes the name of a variable alone", option),
                         "to set one to a value: --set-env NAME=VALUE");
    if (text.find_first_of("*?") != std::string_view::npos)
        return bad_value(fmt::format("{} takes one name, and {} is none", option, shown(text)),
                         "give each variable by its name, or several in a file: --env-file");
    return std::string{text};
}

std::vector<std::string> split_packages(std::string_view text) {
    std::vector<std::string> packages;
    std::string current;
    int depth = 0;
    char quote = 0;
    for (std::size_t index = 0; index < text.size(); ++index) {
        char c = text[index];
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '[' || c == '(')
            ++depth;
        else if (c == ']' || c == ')')
            --depth;
        else if (c == ',' && depth <= 0 && !begins_version_clause(text.substr(index + 1))) {
            packages.push_back(std::move(current));
            current.clear();
            continue;
        }
        current += c;
    }
    packages.push_back(std::move(current));
    return packages;
}

} // namespace gestvenv::cli
