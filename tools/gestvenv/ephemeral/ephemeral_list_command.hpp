// SPDX-License-Identifier: MIT
// `gestvenv ephemeral list`: the environments of all programs of a user.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_list_command;

} // namespace gestvenv::cli
