// The values of options, from text. Every error is invalid_argument and names the option.
#pragma once

#include "messages/outcome.hpp"
#include "messages/shown_text.hpp"

#include <gestvenv/units.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

tl::unexpected<error> bad_value(std::string message, std::string hint = {});

/// Seconds with an optional fraction: `90`, `0.5`.
outcome<std::chrono::milliseconds> parse_timeout(std::string_view option, std::string_view text);

/// Whole seconds, or `unlimited`.
outcome<std::chrono::seconds> parse_lifetime(std::string_view option, std::string_view text);

outcome<megabytes> parse_megabytes(std::string_view option, std::string_view text);

/// `NAME=VALUE`. The value may be a secret and appears in no error.
outcome<std::pair<std::string, std::string>> parse_variable(std::string_view option, std::string_view text);

/// `NAME` alone.
outcome<std::string> parse_variable_name(std::string_view option, std::string_view text);

/// Splits `a,b` at the commas that separate packages: not those inside brackets or quotes, nor those between
/// version clauses, as in `requests[socks,security]>=2,<3`.
std::vector<std::string> split_packages(std::string_view text);

/// One of `choices`, each spelled by its `to_string`.
template <class Enum, std::size_t Count>
outcome<Enum> parse_choice(std::string_view option, std::string_view text,
                           const std::array<Enum, Count>& choices) {
    std::string known;
    for (auto choice : choices) {
        if (to_string(choice) == text)
            return choice;
        known += known.empty() ? "" : ", ";
        known += to_string(choice);
    }
    return bad_value(fmt::format("{} cannot be {}", option, shown(text)), "choose one of: " + known);
}

} // namespace gestvenv::cli
