// SPDX-License-Identifier: MIT
// `gestvenv run`: makes an environment, runs one command in it, takes it down. No daemon, nothing left
// behind.
#pragma once

#include "tools/gestvenv/command.hpp"

namespace gestvenv::cli {

/// Ends with the status that exit_status.hpp says; a signal that ended the run ends the program. Must be run
/// while the process has one thread.
extern const command run_command;

} // namespace gestvenv::cli
