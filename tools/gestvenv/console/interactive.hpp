// SPDX-License-Identifier: MIT
// `gestvenv ephemeral create --interactive`: commands about one environment, which ends after them.
#pragma once

#include "tools/gestvenv/console/console.hpp"

namespace gestvenv::cli {

/// Reads commands from the terminal, or from a pipe as a script, and ends the environment. Returns the exit status, or ends
/// by the signal that has told the program to end.
int talk_about(const current_environment& environment, const global_options& global, const node_choice& node,
               termination& signals);

} // namespace gestvenv::cli
