// SPDX-License-Identifier: MIT
// The text of a configuration file: its values, and the same text with one of them changed.
#pragma once

#include "messages/outcome.hpp"
#include "runtime/observability_configuration.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

struct configuration_entry {
    std::string key;
    nlohmann::json value;
    std::size_t line = 0;
};

/// The entries of the table `[ephemeral]`, in the order of their lines. `name` is the file's, for messages. A
/// text that is no TOML, and anything outside the table, is invalid_argument, but for [log] and [traces], which go to
/// `others` where there is one.
outcome<std::vector<configuration_entry>> parse_configuration(std::string_view text, std::string_view name,
                                                              observability_configuration* others = nullptr);

/// What the same text has in [log] and [traces]; parse_configuration() refuses what this refuses.
outcome<observability_configuration> parse_observability(std::string_view text, std::string_view name);

/// A text, number or truth value as TOML writes it.
std::string toml_text(const nlohmann::json& value);

/// `text` with `key` set to `value`. All else stays as it is, comments and order included; only what lies
/// within a replaced value (a comment in a text of several lines) goes. invalid_argument where the text is no
/// TOML, or writes its table so that it cannot be changed in one place.
outcome<std::string> with_value(std::string_view text, std::string_view name, std::string_view key,
                                const nlohmann::json& value);

/// `text` without `key`, with all of its line; unchanged where it does not have the key.
outcome<std::string> without_value(std::string_view text, std::string_view name, std::string_view key);

} // namespace gestvenv
