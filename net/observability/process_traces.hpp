// SPDX-License-Identifier: MIT
// The spans of this process's runtimes, sent to a collector: for a program that is no node.
#pragma once

#include "messages/outcome.hpp"
#include "net/observability/otlp_settings.hpp"
#include "system/tracing/span.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gestvenv {

/// Spans of the whole process come here while it lives; one at a time.
class process_traces {
public:
    struct wish {
        otlp_settings collector;
        /// The name of a span above all that is done; empty: there is none.
        std::string whole;
        /// A field `traceparent`: the span for which all is done. Empty or malformed: none.
        std::string parent;
    };

    explicit process_traces(wish what);
    process_traces(const process_traces&) = delete;
    process_traces& operator=(const process_traces&) = delete;
    /// Sends what waits, for some seconds at most.
    ~process_traces();

    /// The span above all; empty where there is none.
    const span& whole() const noexcept { return whole_; }

    /// Ends the span above all, and sends what waits, for so long at most. Once. The error says what was not sent, and why.
    outcome<void> end(std::chrono::milliseconds patience);

private:
    class receiver;

    std::shared_ptr<receiver> receiver_;
    span whole_;
};

} // namespace gestvenv
