// SPDX-License-Identifier: MIT
// `gestvenv ephemeral logs`: what has happened to an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_logs_command;

} // namespace gestvenv::cli
