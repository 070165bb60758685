// SPDX-License-Identifier: MIT
// The options of `gestvenv doctor`.
#pragma once

#include "tools/gestvenv/command_line.hpp"
#include "tools/gestvenv/option_table.hpp"

#include <string>
#include <vector>

namespace gestvenv::cli {

/// Describes the command and fills `request` when it is parsed; both must live until then.
void add_doctor_options(CLI::App& doctor, option_table& table, doctor_request& request);

/// What the parser leaves: there are no operands.
outcome<void> complete(const doctor_request& request, const std::vector<std::string>& operands);

} // namespace gestvenv::cli
