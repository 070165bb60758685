// SPDX-License-Identifier: MIT
// Which trace something belongs to, as programs tell each other. Source: W3C Trace Context, level 1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gestvenv {

using trace_id = std::array<std::uint8_t, 16>;
using span_id = std::array<std::uint8_t, 8>;

/// A span, as others name it.
struct trace_context {
    trace_id trace{};
    /// All zeros: the trace has no span yet.
    span_id span{};
    /// Whether the one who began the trace wants it to be recorded.
    bool sampled = true;

    friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// A field `traceparent`: `00-TRACE-SPAN-FLAGS`. None for a malformed one, which is to be taken for none at all.
std::optional<trace_context> parse_traceparent(std::string_view text) noexcept;
std::string to_traceparent(const trace_context& context);

/// Lower case, two digits for each byte.
std::string hexadecimal(std::span<const std::uint8_t> bytes);

/// A trace that begins here, without a span.
trace_context new_trace();
span_id new_span_id();

} // namespace gestvenv
