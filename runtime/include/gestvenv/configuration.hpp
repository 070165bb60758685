// SPDX-License-Identifier: MIT
// The configuration of a runtime from where its users keep it: a file, variables, and the host's own command
// line. Nothing here happens by itself: a runtime reads no file and no variable unless its host calls this.
//
//     auto loaded = gestvenv::load_configuration();
//     gestvenv::runtime runtime{{.config = loaded.config}};
//
// The file is TOML; its table `[ephemeral]` has the fields of runtime_config as keys. docs/configuration.md
// lists them all, with units, ranges and variables.
#pragma once

#include <gestvenv/runtime_config.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Where a value comes from, from the weakest to the strongest.
enum class configuration_origin : std::uint8_t {
    preset,       ///< spelled "default": the default of runtime_config
    file,         ///< the configuration file
    variable,     ///< a GESTVENV_EPHEMERAL_... variable
    command_line, ///< what the host passed as `given`
};

std::string_view to_string(configuration_origin value) noexcept;

/// Where to look; `configuration_options{}` looks at the user's file and at the variables.
struct configuration_options {
    /// Empty: the file that the variable GESTVENV_CONFIG names, else
    /// `${XDG_CONFIG_HOME:-~/.config}/gestvenv/config.toml`. That last one need not exist; one that is named
    /// must.
    std::filesystem::path file;
    bool read_file = true;
    /// Also GESTVENV_CONFIG and XDG_CONFIG_HOME.
    bool read_variables = true;
    /// Keys with their values as text, as variables have them (`{"default_ttl", "10m"}`): they win.
    std::map<std::string, std::string> given;
};

/// One key of the configuration.
struct configuration_value {
    std::string key;
    /// As the file would have it; empty: not set.
    std::string text;
    configuration_origin origin = configuration_origin::preset;
    /// `FILE:LINE`, the variable's name, or empty.
    std::string where;

    friend bool operator==(const configuration_value&, const configuration_value&) = default;
};

struct loaded_configuration {
    runtime_config config;
    /// Every key there is, in the order of the documentation.
    std::vector<configuration_value> values;
    /// The file that was read, or would have been; empty when none was asked for or the user has no home.
    std::filesystem::path file;
    bool file_exists = false;

    /// The origin of one key; `preset` for one that there is not.
    configuration_origin origin_of(std::string_view key) const noexcept;
};

/// Reads and checks the whole configuration. Throws invalid_argument_exception for a key that does not exist,
/// a value of the wrong type or out of range, or a text that is no TOML: the message names file and line, or
/// the variable, the hint what is accepted. Throws ephemeral_exception (`permission_denied`) for a file that
/// others can write or that cannot be read. Thread-safe as long as nobody changes the process's variables.
loaded_configuration load_configuration(const configuration_options& options = {});

} // namespace gestvenv
