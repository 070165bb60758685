// SPDX-License-Identifier: MIT
// `gestvenv completion`: makes a shell complete the command line of this program.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command completion_command;

/// What the scripts of shells ask.
extern const command complete_command;

} // namespace gestvenv::cli
