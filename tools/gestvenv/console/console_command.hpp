// SPDX-License-Identifier: MIT
// `gestvenv console`: commands about environments, typed one after another or from a script.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command console_command;

} // namespace gestvenv::cli
