// SPDX-License-Identifier: MIT
// The options of `gestvenv run`.
#pragma once

#include "tools/gestvenv/run/run_request.hpp"

#include <string>
#include <vector>

namespace gestvenv::cli {

void add_run_options(option_table& table, run_request& request);

/// Those of a command in an environment, which this program or another one has made.
void add_execution_options(option_table& table, run_request& request);

/// Takes the words of the command, and checks what it is asked for.
outcome<void> check_execution(run_request& request, std::vector<std::string> words);

/// Takes the command, and checks what the options cannot be asked one by one: that they agree with each
/// other, and that what they add up to can be made and run.
outcome<void> check_run(run_request& request, operand_words operands);

} // namespace gestvenv::cli
