// SPDX-License-Identifier: MIT
// The values of options, from text. Every error is invalid_argument and names the option.
#pragma once

#include "messages/outcome.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/run/artifact_pattern.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/units.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::cli {

tl::unexpected<error> bad_value(std::string message, std::string hint = {});

/// What is not empty.
outcome<std::string> any_text(const std::string& option, const std::string& text);

/// Seconds with an optional fraction, or with a unit: `90`, `0.5`, `500ms`, `10m`.
outcome<std::chrono::milliseconds> parse_timeout(std::string_view option, std::string_view text);

/// Whole seconds, alone or with a unit (`600`, `10m`, `2h`), or `unlimited`.
outcome<std::chrono::seconds> parse_lifetime(std::string_view option, std::string_view text);

/// Whole megabytes, alone or with a unit: `512`, `512M`, `2G`.
outcome<megabytes> parse_megabytes(std::string_view option, std::string_view text);

/// Whole bytes, alone or with a unit.
outcome<std::int64_t> parse_bytes(std::string_view option, std::string_view text);

/// A whole number of what `option` counts.
outcome<int> parse_count(std::string_view option, std::string_view text);

/// The same, or `unlimited`.
outcome<count_limit> parse_count_limit(std::string_view option, std::string_view text);

/// Percent of one core, with an optional fraction.
outcome<double> parse_percent(std::string_view option, std::string_view text);

/// `NAME=VALUE`. The value may be a secret and appears in no error.
outcome<std::pair<std::string, std::string>> parse_variable(std::string_view option, std::string_view text);

/// `NAME=VALUE`, or the `NAME` of a variable that is set here.
outcome<std::pair<std::string, std::string>> parse_build_variable(std::string_view option,
                                                                  std::string_view text);

/// `PATH=read` or `PATH=write`; the path becomes absolute.
outcome<access_grant> parse_grant(std::string_view option, std::string_view text);

/// `KEY=VALUE`, as tags have it.
outcome<std::pair<std::string, std::string>> parse_tag(std::string_view option, std::string_view text);

/// `GLOB=DIR`.
outcome<artifact_rule> parse_artifact(std::string_view option, std::string_view text);

/// `NAME` alone.
outcome<std::string> parse_variable_name(std::string_view option, std::string_view text);

/// Splits `a,b` at the commas that separate packages: not those inside brackets or quotes, nor those between
/// version clauses, as in `requests[socks,security]>=2,<3`.
std::vector<std::string> split_packages(std::string_view text);

/// How each of `choices` is spelled.
template <class Choices>
std::vector<std::string_view> spellings_of(const Choices& choices) {
    std::vector<std::string_view> words;
    for (auto choice : choices)
        words.push_back(to_string(choice));
    return words;
}

/// One of `choices`, each spelled by its `to_string`.
template <class Choices>
outcome<typename Choices::value_type> parse_choice(std::string_view option, std::string_view text,
                                                   const Choices& choices) {
    for (auto choice : choices)
        if (to_string(choice) == text)
            return choice;
    return bad_value(fmt::format("{} cannot be {}", option, shown(text)),
                     fmt::format("choose one of: {}", fmt::join(spellings_of(choices), ", ")));
}

} // namespace gestvenv::cli
