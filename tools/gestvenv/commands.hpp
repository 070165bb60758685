// SPDX-License-Identifier: MIT
// The commands there are.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

/// The program itself, with its commands below it.
extern const command program_command;

} // namespace gestvenv::cli
