// SPDX-License-Identifier: MIT
// `gestvenv config`: shows the configuration, and changes its file.
#pragma once

#include "tools/gestvenv/command_line.hpp"

#include <gestvenv/configuration.hpp>

#include <string>

namespace gestvenv::cli {

/// Returns the exit status: 0, 2 for a configuration or a value that is not acceptable, 125 for a file that
/// cannot be written.
int config_command(const config_request& request);

/// The configuration as a file would have it; it reads back as the same.
std::string as_toml(const loaded_configuration& loaded, bool with_origin);
/// As an object of keys; with origins each value is an object of `value`, `origin` and `where`.
std::string as_json(const loaded_configuration& loaded, bool with_origin);

} // namespace gestvenv::cli
