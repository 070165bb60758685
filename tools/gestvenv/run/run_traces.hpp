// SPDX-License-Identifier: MIT
// The trace of a run: what this program does, sent to the collector that is configured.
#pragma once

#include "net/observability/otlp_settings.hpp"
#include "net/observability/process_traces.hpp"
#include "tools/gestvenv/run/run_execution.hpp"

#include <memory>
#include <optional>

namespace gestvenv {
struct trace_configuration;
}

namespace gestvenv::cli {

/// None where no collector is configured: then nothing is opened and nothing started. Settings that cannot be used are
/// warned of, for a run is no worse without a trace. Where the collector is reached over TLS, goes on in the program with
/// encryption; to be called before anything has happened.
std::optional<otlp_settings> collector_of_run(const trace_configuration& configured);

/// A trace, or a part of that of TRACEPARENT: everything is below one span `run`. Null where there is no collector.
std::unique_ptr<process_traces> begin_trace(std::optional<otlp_settings> collector);

/// Sends what waits, within two seconds; what is lost is a warning.
void end_trace(process_traces* traces, const ending& end);

} // namespace gestvenv::cli
