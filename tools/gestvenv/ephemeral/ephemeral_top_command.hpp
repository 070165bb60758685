// SPDX-License-Identifier: MIT
// `gestvenv ephemeral top`: the environments of a node as they live.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_top_command;

} // namespace gestvenv::cli
