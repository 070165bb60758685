// SPDX-License-Identifier: MIT
// `gestvenv token`: who may speak to the node over TCP.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command token_command;

} // namespace gestvenv::cli
