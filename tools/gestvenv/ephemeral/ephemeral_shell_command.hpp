// SPDX-License-Identifier: MIT
// `gestvenv ephemeral shell`: begins a terminal session in an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_shell_command;

} // namespace gestvenv::cli
