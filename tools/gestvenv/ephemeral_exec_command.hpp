// SPDX-License-Identifier: MIT
// `gestvenv ephemeral exec`: `gestvenv run --env`, with the environment first.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_exec_command;

} // namespace gestvenv::cli
