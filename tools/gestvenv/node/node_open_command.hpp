// SPDX-License-Identifier: MIT
// `gestvenv node open`: the way from a terminal to the node's page.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

extern const command node_open_command;

} // namespace gestvenv::cli
