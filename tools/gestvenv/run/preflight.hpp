// SPDX-License-Identifier: MIT
// What a request needs of this machine, checked before anything is started: folders and files that are named,
// and variables that are passed on.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/run/run_request.hpp"

namespace gestvenv::cli {

/// Completes `request`: paths become absolute, the working folder is filled in, variables get the values they
/// have here and in their files. `context` is this process's own. Every error is invalid_argument.
outcome<void> prepare(run_request& request, const python::search_context& context);

} // namespace gestvenv::cli
