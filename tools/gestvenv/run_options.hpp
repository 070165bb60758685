// SPDX-License-Identifier: MIT
// The options of `gestvenv run`.
#pragma once

#include "tools/gestvenv/run_request.hpp"

namespace gestvenv::cli {

void add_run_options(option_table& table, run_request& request);

/// Takes the command, and checks what the options cannot be asked one by one: that they agree with each
/// other, and that what they add up to can be made and run.
outcome<void> check_run(run_request& request, operand_words operands);

} // namespace gestvenv::cli
