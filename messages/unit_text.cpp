// SPDX-License-Identifier: MIT
#include "messages/unit_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace gestvenv {

namespace {

struct unit {
    std::string_view name;
    double factor;
};

constexpr std::array time_units{unit{"", 1},   unit{"ms", 0.001}, unit{"s", 1},
                                unit{"m", 60}, unit{"h", 3600},   unit{"d", 86400}};

/// Takes the number at the beginning off `text`. from_chars knows no locale, and takes no plus sign.
std::optional<double> take_number(std::string_view& text) noexcept {
    double number = 0;
    auto [stopped, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || !std::isfinite(number)) // it reads "inf" and "nan" too
        return {};
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    return number;
}

std::optional<double> finite(double number) noexcept {
    return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

} // namespace

std::optional<double> seconds_in(std::string_view text) noexcept {
    auto number = take_number(text);
    if (!number)
        return {};
    for (const auto& [name, factor] : time_units)
        if (name == text)
            // A division for milliseconds: 0.1 ms must not become 0.1 * 0.001, which is no round number.
            return finite(factor < 1 ? *number / 1000 : *number * factor);
    return {};
}

std::optional<double> bytes_in(std::string_view text, std::int64_t unit) noexcept {
    auto number = take_number(text);
    if (!number)
        return {};
    if (text.empty())
        return finite(*number * static_cast<double>(unit));
    if (text == "B" || text == "b")
        return number;
    constexpr std::string_view prefixes = "kmgt";
    auto prefix = prefixes.find(static_cast<char>(text.front() | 0x20)); // lower case in ASCII
    auto rest = text.substr(1);
    if (prefix == std::string_view::npos || !(rest.empty() || rest == "B" || rest == "b" || rest == "iB"))
        return {};
    return finite(std::ldexp(*number, 10 * static_cast<int>(prefix + 1)));
}

} // namespace gestvenv
