// SPDX-License-Identifier: MIT
// `gestvenv ephemeral stats`: what all environments of the node use together.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_stats_command;

} // namespace gestvenv::cli
