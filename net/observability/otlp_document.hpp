// SPDX-License-Identifier: MIT
// Spans as OTLP has them in JSON. Source: opentelemetry-proto, ExportTraceServiceRequest; OTLP, JSON Protobuf Encoding.
#pragma once

#include "system/tracing/span.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv {

/// `resource`: attributes of who sends them. Texts are without secrets.
std::string otlp_document(std::span<const span_record> spans,
                          const std::vector<std::pair<std::string, std::string>>& resource);

/// Whether a span is an operation as a whole, and not a step of one.
bool is_operation(const span_record& what) noexcept;

} // namespace gestvenv
