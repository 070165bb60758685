// SPDX-License-Identifier: MIT
// Writes the manual pages, when the program is built.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command manual_command;

} // namespace gestvenv::cli
