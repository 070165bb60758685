// SPDX-License-Identifier: MIT
// `gestvenv config`: shows the configuration, and changes its file.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <gestvenv/configuration.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// What each command below it is asked for.
struct config_request : command_request {
    enum class output_format : std::uint8_t { toml, json };

    output_format format = output_format::toml;
    bool with_origin = false;
    /// Empty for a `reset` of all keys.
    std::string key;
    std::string value;
};

std::string_view to_string(config_request::output_format value) noexcept;

/// Its commands end with 0, 2 for a configuration or a value that is not acceptable, 125 for a file that cannot
/// be written.
extern const command config_command;

/// The configuration as a file would have it; it reads back as the same.
std::string as_toml(const loaded_configuration& loaded, bool with_origin);
/// As an object of keys; with origins each value is an object of `value`, `origin` and `where`.
std::string as_json(const loaded_configuration& loaded, bool with_origin);

} // namespace gestvenv::cli
