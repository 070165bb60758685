// SPDX-License-Identifier: MIT
// `gestvenv ephemeral create`: makes an environment that lives on.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_create_command;

} // namespace gestvenv::cli
