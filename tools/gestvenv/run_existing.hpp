// SPDX-License-Identifier: MIT
// `gestvenv run --env`: a command in an environment that a node holds, and that stays.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run_request.hpp"

namespace gestvenv::cli {

/// An error where options are given that make an environment, or tell of its end.
outcome<void> check_run_existing(const run_request& request);

/// Runs the command of a request that has been prepared. Returns the exit status, or ends by a signal, as
/// `run` does. An environment that there is not is `internal_error`.
int run_existing(const run_request& request);

} // namespace gestvenv::cli
