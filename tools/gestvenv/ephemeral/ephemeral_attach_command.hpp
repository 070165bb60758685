// SPDX-License-Identifier: MIT
// `gestvenv ephemeral attach`: comes back to a terminal session in an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_attach_command;

} // namespace gestvenv::cli
