// SPDX-License-Identifier: MIT
// How the configuration applies to a runtime that is made for one command.
#pragma once

#include "messages/outcome.hpp"
#include "runtime/observability_configuration.hpp"
#include "tools/gestvenv/run/run_request.hpp"

#include <gestvenv/runtime.hpp>

namespace gestvenv::cli {

struct run_configuration {
    runtime_options options;
    trace_configuration traces;
};

/// Fills in what `request` leaves to the configuration. Its errors are those of the configuration.
outcome<run_configuration> configure(run_request& request);

} // namespace gestvenv::cli
