// SPDX-License-Identifier: MIT
// `gestvenv ephemeral exec`: `gestvenv run --env`, with the environment first.
#pragma once

#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/run/run_request.hpp"

namespace gestvenv::cli {

extern const command ephemeral_exec_command;

/// Runs the command of the request in the environment that it names. Returns the exit status, or ends by a signal, as
/// `run` does.
int run_in_environment(run_request& request);

} // namespace gestvenv::cli
