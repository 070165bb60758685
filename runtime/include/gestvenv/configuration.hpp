// SPDX-License-Identifier: MIT
// Loads the configuration of a runtime from the user's file, from variables, and from values of the host
// program. A runtime reads no file and no variable unless its host calls this.
//
//     auto loaded = gestvenv::load_configuration();
//     gestvenv::runtime runtime{{.config = loaded.config}};
//
// The file is TOML; its table `[ephemeral]` has the fields of runtime_config as keys. docs/configuration.md
// lists all of them, with units, ranges and variables.
#pragma once

#include <gestvenv/runtime_config.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// The source of a value, from the weakest to the strongest.
enum class configuration_origin : std::uint8_t {
    preset,       ///< spelled "default": the default of runtime_config
    file,         ///< the configuration file
    variable,     ///< a GESTVENV_EPHEMERAL_... variable
    command_line, ///< `configuration_options::given`
};

std::string_view to_string(configuration_origin value) noexcept;

/// The sources to read; `configuration_options{}` reads the user's file and the variables.
struct configuration_options {
    /// The file to read. Empty: the file that the variable GESTVENV_CONFIG names, else
    /// `${XDG_CONFIG_HOME:-~/.config}/gestvenv/config.toml`. The latter need not exist; a file that is named
    /// must exist.
    std::filesystem::path file;
    bool read_file = true;
    /// Whether variables are read, GESTVENV_CONFIG and XDG_CONFIG_HOME included.
    bool read_variables = true;
    /// Keys with their values as text, in the syntax of variables (`{"default_ttl", "10m"}`). They override
    /// all other sources.
    std::map<std::string, std::string> given;
};

/// One key of the configuration, with its value and source.
struct configuration_value {
    std::string key;
    /// The value in the file's syntax; empty: not set.
    std::string text;
    configuration_origin origin = configuration_origin::preset;
    /// `FILE:LINE`, the variable's name, or empty.
    std::string where;

    friend bool operator==(const configuration_value&, const configuration_value&) = default;
};

/// The result of load_configuration().
struct loaded_configuration {
    runtime_config config;
    /// All keys, in the order of the documentation.
    std::vector<configuration_value> values;
    /// The file that was read, or would have been read if it existed; empty if no file was requested or the
    /// user has no home.
    std::filesystem::path file;
    /// Whether `file` exists.
    bool file_exists = false;

    /// The source of one key; `preset` for an unknown key. Thread-safe.
    configuration_origin origin_of(std::string_view key) const noexcept;
};

/// Reads and checks the whole configuration. Throws invalid_argument_exception for an unknown key, a value of
/// the wrong type or out of range, or a text that is not TOML: the message names file and line, or the
/// variable, and the hint lists the accepted values. Throws ephemeral_exception (`permission_denied`) for a
/// file that others can write or that cannot be read. Thread-safe as long as no thread changes the process's
/// variables.
loaded_configuration load_configuration(const configuration_options& options = {});

} // namespace gestvenv
