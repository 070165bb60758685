// SPDX-License-Identifier: MIT
// `gestvenv ephemeral cleanup`: ends environments, and removes what crashed programs left.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_cleanup_command;

} // namespace gestvenv::cli
