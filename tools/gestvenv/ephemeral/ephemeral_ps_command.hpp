// SPDX-License-Identifier: MIT
// `gestvenv ephemeral ps`: the processes of an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_ps_command;

} // namespace gestvenv::cli
