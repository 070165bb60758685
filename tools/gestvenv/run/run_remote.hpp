// SPDX-License-Identifier: MIT
// `gestvenv run --env` with a node on another machine: the command's output comes over HTTP, while it runs.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run/run_request.hpp"

#include <gestvenv/client.hpp>

namespace gestvenv::cli {

/// Whether the request names a node that is not on this machine.
bool is_run_elsewhere(const run_request& request);

/// Makes the request one that can be sent there: paths are those of the node's machine, and of this process's variables
/// those alone go there that were named. Error: what cannot reach another machine.
outcome<void> prepare_for_elsewhere(run_request& request);

/// Returns the exit status, or ends by a signal, as `run` does. What cannot reach another machine is `usage`.
int run_elsewhere(run_request& request);

} // namespace gestvenv::cli
