// SPDX-License-Identifier: MIT
#include <gestvenv/trace_export.hpp>

#include "net/observability/otlp_settings.hpp"
#include "net/observability/process_traces.hpp"
#include "runtime/observability_configuration.hpp"

#include <gestvenv/exceptions.hpp>

#include <utility>

namespace gestvenv {

trace_export::trace_export(trace_export_options options) {
    auto configured = read_observability_configuration(options.configuration_file);
    if (!configured)
        throw_as_exception(configured.error());
    auto collector = read_otlp_settings(configured->traces, variable_of_process);
    if (!collector)
        throw_as_exception(collector.error());
    if (*collector)
        traces_ = std::make_unique<process_traces>(process_traces::wish{
            std::move(**collector),
            {},
            options.parent.empty() ? variable_of_process("TRACEPARENT") : std::move(options.parent)});
}

trace_export::~trace_export() = default;

bool trace_export::is_configured() const noexcept {
    return traces_ != nullptr;
}

void trace_export::end(std::chrono::milliseconds patience) {
    if (!traces_)
        return;
    if (auto sent = traces_->end(patience); !sent)
        throw_as_exception(sent.error());
}

} // namespace gestvenv
