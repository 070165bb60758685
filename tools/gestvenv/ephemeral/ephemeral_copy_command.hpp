// SPDX-License-Identifier: MIT
// `gestvenv ephemeral cp`: files into and out of an environment.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command ephemeral_copy_command;

} // namespace gestvenv::cli
