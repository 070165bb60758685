// SPDX-License-Identifier: MIT
// The options of `gestvenv run`.
#pragma once

#include "tools/gestvenv/command_line.hpp"
#include "tools/gestvenv/option_table.hpp"

#include <string>
#include <vector>

namespace gestvenv::cli {

/// Describes the subcommand and fills `request` when it is parsed; both must live until then.
void add_run_options(CLI::App& run, option_table& table, run_request& request);

/// Takes the command, and checks what the options cannot be asked one by one: that they agree with each
/// other, and that what they add up to can be made and run.
outcome<void> complete(run_request& request, std::vector<std::string> command);

} // namespace gestvenv::cli
