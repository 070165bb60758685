// SPDX-License-Identifier: MIT
// Traces of a host program's runtimes, for OpenTelemetry: OTLP over HTTP, as JSON.
//
//     gestvenv::trace_export traces;    // OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318
//     gestvenv::runtime runtime;
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace gestvenv {

/// The defaults read the user's configuration file and the variables.
struct trace_export_options {
    /// The configuration file whose table `[traces]` counts; empty: as for `configuration_options::file`.
    std::filesystem::path configuration_file;
    /// The span above all that the runtimes do, as a field `traceparent` (W3C Trace Context). Empty: what the variable
    /// TRACEPARENT says; without that, each operation begins a trace.
    std::string parent;
};

/// Sends what the runtimes of this process do, while it lives: a span for each creation, command, installation and
/// teardown, and their steps. Where it goes is said by variables of OpenTelemetry and by the configuration
/// (docs/observability.md); where nothing is said, nothing is sent. Make it before the runtimes, and one at a time.
///
/// No operation waits for the collector: spans are sent by a thread of this object, of which 4,096 wait at most.
class trace_export {
public:
    /// Throws invalid_argument_exception for settings that cannot be used, and ephemeral_exception (`permission_denied`)
    /// for files that others can read or write.
    explicit trace_export(trace_export_options options = {});
    trace_export(const trace_export&) = delete;
    trace_export& operator=(const trace_export&) = delete;
    /// Sends what waits, for some seconds at most. What is lost is not told.
    ~trace_export();

    /// Whether a collector is configured.
    bool is_configured() const noexcept;
    /// Sends what waits, for so long at most, and nothing more after that. Throws ephemeral_exception
    /// (`system_failure`) that says how many spans are lost and why.
    void end(std::chrono::milliseconds patience = std::chrono::seconds{2});

private:
    std::unique_ptr<class process_traces> traces_;
};

} // namespace gestvenv
