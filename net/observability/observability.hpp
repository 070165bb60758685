// SPDX-License-Identifier: MIT
// What a node tells of itself: its log, its metrics, its traces. Hears of spans and events, and passes them on.
#pragma once

#include "messages/outcome.hpp"
#include "net/observability/metrics.hpp"
#include "net/observability/node_log.hpp"
#include "net/observability/otlp_exporter.hpp"
#include "net/observability/work_thread.hpp"

#include <gestvenv/runtime_event.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

struct observability_settings {
    log_settings log;
    std::optional<otlp_settings> traces;
    /// Folders whose files count as `gestvenv_cache_size_bytes`.
    std::vector<std::filesystem::path> caches;
};

/// Thread-safe. Spans of the whole process come here while it lives.
class observability {
public:
    /// Scrapes that wait; further ones are refused.
    static constexpr std::size_t most_scrapes = 8;
    /// How old the size of the caches may be.
    static constexpr std::chrono::seconds caches_looked_at_each{60};

    static outcome<std::unique_ptr<observability>> start(observability_settings settings);
    /// Of a node that is a part of another program: lines from `info` on go to `log`, and there are no metrics.
    static std::unique_ptr<observability> within_program(std::function<void(std::string_view)> log,
                                                         std::optional<otlp_settings> traces);
    observability(const observability&) = delete;
    observability& operator=(const observability&) = delete;
    ~observability();

    void say(log_level level, std::string_view text) noexcept;
    /// A request, or something else that belongs to a trace.
    void say(log_level level, std::string_view text, const trace_context& trace) noexcept;
    bool says(log_level level) const noexcept;
    /// Of a runtime; on the thread that publishes it.
    void heard(const runtime_event& event) noexcept;
    /// Calls `done` with the metrics as text, on a thread of this object's. False: too many wait.
    bool scrape(std::function<void(std::string)> done);

private:
    class receiver;
    explicit observability(std::shared_ptr<receiver> hears, std::vector<std::filesystem::path> caches);

    std::string text();
    std::int64_t cache_bytes();

    std::shared_ptr<receiver> receiver_;
    std::vector<std::filesystem::path> caches_;
    /// Of the thread below.
    std::optional<std::chrono::steady_clock::time_point> caches_looked_at_;
    std::int64_t cache_bytes_ = 0;
    /// Last: its thread ends first.
    work_thread thread_;
};

} // namespace gestvenv
