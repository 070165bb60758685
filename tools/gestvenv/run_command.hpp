// SPDX-License-Identifier: MIT
// `gestvenv run`: makes an environment, runs one command in it, takes it down. No daemon, nothing left
// behind.
#pragma once

#include "tools/gestvenv/command_line.hpp"

namespace gestvenv::cli {

/// Returns the exit status (exit_status.hpp); does not return when a signal ended the run. Must be called
/// while the process has one thread.
int run_command(run_request request);

} // namespace gestvenv::cli
