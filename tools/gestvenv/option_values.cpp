#include "tools/gestvenv/option_values.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace gestvenv::cli {

namespace {

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

outcome<std::chrono::milliseconds> parse_timeout(std::string_view option, std::string_view text) {
    double seconds = 0;
    auto examples = fmt::format("{} 90, or {} 0.5", option, option);
    // from_chars reads "inf" and "nan" too.
    if (!read_number(text, seconds) || !std::isfinite(seconds))
        return bad_value(fmt::format("{} takes a number of seconds, and {} is none", option, shown(text)),
                         examples);
    if (seconds <= 0 || seconds > static_cast<double>(longest_duration.count()))
        return bad_value(fmt::format("{} must be more than 0 and at most {} seconds, and is {}", option,
                                     longest_duration.count(), shown(text)),
                         examples);
    // Rounded up: 0.0001 is more than no time at all.
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
}

outcome<std::chrono::seconds> parse_lifetime(std::string_view option, std::string_view text) {
    if (text == "unlimited")
        return unlimited;
    std::int64_t seconds = 0;
    auto examples = fmt::format("{} 600, or {} unlimited", option, option);
    if (!read_number(text, seconds))
        return bad_value(
            fmt::format("{} takes a whole number of seconds, and {} is none", option, shown(text)), examples);
    if (seconds < 1 || seconds > longest_duration.count())
        return bad_value(fmt::format("{} must be from 1 to {} seconds, and is {}", option,
                                     longest_duration.count(), shown(text)),
                         examples);
    return std::chrono::seconds{seconds};
}

outcome<megabytes> parse_megabytes(std::string_view option, std::string_view text) {
    std::int64_t count = 0;
    if (!read_number(text, count))
        return bad_value(
            fmt::format("{} takes a whole number of megabytes, and {} is none", option, shown(text)),
            fmt::format("{} 512 for half a gigabyte", option));
    return megabytes{count};
}

outcome<std::pair<std::string, std::string>> parse_variable(std::string_view option, std::string_view text) {
    auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return bad_value(fmt::format("{} takes NAME=VALUE", option),
                         "to pass on a variable that is set here: --pass-env NAME");
    return std::pair{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

outcome<std::string> parse_variable_name(std::string_view option, std::string_view text) {
    if (text.empty() || text.find('=') != std::string_view::npos)
        return bad_value(fmt::format("{} takes the name of a variable alone", option),
                         "to set one to a value: --set-env NAME=VALUE");
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
