// SPDX-License-Identifier: MIT
// `gestvenv ephemeral`: environments that live between commands, and what there is of others on this machine.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_command;

} // namespace gestvenv::cli
