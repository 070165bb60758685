// SPDX-License-Identifier: MIT
// `gestvenv ephemeral show`: one environment in detail.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_show_command;

} // namespace gestvenv::cli
