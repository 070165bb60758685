// SPDX-License-Identifier: MIT
// `gestvenv run --env`: a command in an environment that a node holds, and that stays.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/run/run_request.hpp"

namespace gestvenv::cli {

/// An error where options are given that make an environment, or tell of its end.
outcome<void> check_run_existing(const run_request& request);

/// Prepares the request and runs its command. Returns the exit status, or ends by a signal, as `run` does. An
/// environment that there is not is `internal_error`.
int run_existing(run_request& request, const python::search_context& context);

} // namespace gestvenv::cli
