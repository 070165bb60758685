// SPDX-License-Identifier: MIT
// What a node counts and measures, for Prometheus. The names are public: docs/observability.md.
#pragma once

#include "actors/usage_board.hpp"
#include "messages/outcome.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

enum class node_counter : std::uint8_t {
    environments,         ///< admitted
    environments_created, ///< ready
    environments_deleted,
    packages_installed,
    cache_hits,
    cache_misses,
    backend_errors,
    alerts,
};

enum class node_duration : std::uint8_t { environment_creation, package_install };

/// What is looked up when someone asks, and not before.
struct node_figures {
    std::vector<usage_board::entry> environments;
    std::int64_t cache_bytes = 0;
    std::uint64_t log_lines_dropped = 0;
    std::uint64_t spans_exported = 0;
    std::uint64_t spans_dropped = 0;
};

/// Thread-safe. Counting neither blocks nor throws.
class metrics {
public:
    /// `text/plain` of this version; what `text` answers with.
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    metrics() = default;
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;
    virtual ~metrics() = default;

    virtual void count(node_counter what, std::size_t times = 1) noexcept = 0;
    virtual void measure(node_duration what, std::chrono::nanoseconds time) noexcept = 0;
    /// In Prometheus' text format. Takes some milliseconds with a thousand environments.
    virtual std::string text(const node_figures& now) const = 0;
};

/// In net/telemetry, or in net/without_telemetry for programs that are no node.
outcome<std::unique_ptr<metrics>> make_metrics();

} // namespace gestvenv
