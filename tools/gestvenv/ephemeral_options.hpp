// SPDX-License-Identifier: MIT
// The options of `gestvenv ephemeral`.
#pragma once

#include "tools/gestvenv/command_line.hpp"
#include "tools/gestvenv/option_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Describes the command with its subcommands and fills `request` when it is parsed; both must live until
/// then.
void add_ephemeral_commands(CLI::App& ephemeral, option_table& table, ephemeral_request& request);

/// What follows the options of the subcommand of this name, as its usage has it.
std::string ephemeral_operands(std::string_view command);

/// What the parser leaves: the operands of the subcommand `command`.
outcome<void> complete(ephemeral_request& request, std::string_view command,
                       const std::vector<std::string>& operands);

} // namespace gestvenv::cli
