// SPDX-License-Identifier: MIT
// Sends spans to a collector: OTLP over HTTP, JSON. A thread of its own, so that no caller waits for a network.
#pragma once

#include "net/observability/otlp_settings.hpp"
#include "system/tracing/span.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gestvenv {

/// Thread-safe.
class otlp_exporter {
public:
    /// Spans that wait; further ones are dropped.
    static constexpr std::size_t most_waiting = 4'096;
    static constexpr std::size_t most_in_request = 512;
    /// From the first span that waits to the request.
    static constexpr std::chrono::milliseconds gathers_for{500};
    /// Between two attempts, doubled each time; after the last one the request's spans are dropped.
    static constexpr std::chrono::milliseconds first_pause{1'000};
    static constexpr int most_attempts = 5;
    /// Of the last request, at the end; and again until one that is broken off has noticed it.
    static constexpr std::chrono::milliseconds last_patience{2'000};

    /// `warn`, if there is one, hears when spans cannot be sent, and when they can be again; on this object's thread.
    otlp_exporter(otlp_settings settings, std::function<void(std::string_view)> warn);
    otlp_exporter(const otlp_exporter&) = delete;
    otlp_exporter& operator=(const otlp_exporter&) = delete;
    ~otlp_exporter() { end(); }

    /// Sends what waits, for as long as both together at most; what comes later is dropped. Only the first call does
    /// anything.
    void end(std::chrono::milliseconds patience = last_patience,
             std::chrono::milliseconds to_break_off = last_patience) noexcept;

    /// Neither blocks nor throws.
    void send(const span_record& what) noexcept;
    std::uint64_t exported() const noexcept;
    std::uint64_t dropped() const noexcept;
    /// Why a request has failed, the last one that has; empty: none has.
    std::string last_failure() const;

private:
    struct implementation;
    std::shared_ptr<implementation> inside_;
};

} // namespace gestvenv
