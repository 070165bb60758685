// SPDX-License-Identifier: MIT
// The help of a command, from the same table of options that is parsed.
#pragma once

#include "tools/gestvenv/command.hpp"

#include <string>

namespace gestvenv::cli {

/// Of the last command of `path`. The first is the program, whose options stand in every help.
std::string help_text(const command_path& path);

} // namespace gestvenv::cli
