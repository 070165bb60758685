// SPDX-License-Identifier: MIT
// The commands below `gestvenv config` and their options.
#pragma once

#include "tools/gestvenv/command_line.hpp"
#include "tools/gestvenv/option_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Describes the commands and fills `request` when they are parsed; all must live until then.
void add_config_commands(CLI::App& config, option_table& table, config_request& request);

/// What follows the options of one of them, for its usage.
std::string config_operands(std::string_view command);

/// Says which of them it is, and takes its operands.
outcome<void> complete(config_request& request, std::string_view command,
                       const std::vector<std::string>& operands);

} // namespace gestvenv::cli
