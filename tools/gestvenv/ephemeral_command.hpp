// SPDX-License-Identifier: MIT
// `gestvenv ephemeral`: what there is of environments on this machine.
#pragma once

#include "tools/gestvenv/command_line.hpp"

namespace gestvenv::cli {

/// Returns the exit status.
int ephemeral_command(const ephemeral_request& request);

} // namespace gestvenv::cli
