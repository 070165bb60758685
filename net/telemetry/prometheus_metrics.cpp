// SPDX-License-Identifier: MIT
#include "net/observability/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace gestvenv {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Upper bounds in seconds: a creation takes a millisecond, or a minute with its packages.
prometheus::Histogram::BucketBoundaries creation_bounds() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
}

prometheus::Histogram::BucketBoundaries install_bounds() {
    return {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};
}

struct gauge_of_environment {
    const char* name;
    const char* help;
    std::optional<double> (*value)(const usage_sample& sample);
};

std::optional<double> number(std::int64_t value) {
    return static_cast<double>(value);
}

constexpr std::array gauges{
    gauge_of_environment{"gestvenv_ephemeral_memory_current_bytes", "Memory that the environment uses.",
                         [](const usage_sample& x) { return number(x.memory_bytes); }},
    gauge_of_environment{"gestvenv_ephemeral_memory_peak_bytes", "The most memory it has used so far.",
                         [](const usage_sample& x) { return number(x.memory_peak_bytes); }},
    gauge_of_environment{"gestvenv_ephemeral_memory_limit_bytes",
                         "Its limit of memory; absent where it has none.",
                         [](const usage_sample& x) {
                             return x.memory_limit_bytes ? number(*x.memory_limit_bytes) : std::nullopt;
                         }},
    gauge_of_environment{"gestvenv_ephemeral_cpu_usage_percent", "CPU time in percent of one core.",
                         [](const usage_sample& x) { return std::optional{x.cpu_percent}; }},
    gauge_of_environment{"gestvenv_ephemeral_disk_usage_bytes", "Bytes in its storage.",
                         [](const usage_sample& x) { return number(x.disk_bytes); }},
    gauge_of_environment{"gestvenv_ephemeral_active_processes", "Processes that are alive in it.",
                         [](const usage_sample& x) { return number(x.processes); }},
    gauge_of_environment{"gestvenv_ephemeral_io_read_bytes", "Bytes read from devices.",
                         [](const usage_sample& x) { return number(x.io_read_bytes); }},
    gauge_of_environment{"gestvenv_ephemeral_io_write_bytes", "Bytes written to devices.",
                         [](const usage_sample& x) { return number(x.io_written_bytes); }},
};

MetricFamily single(const char* name, const char* help, MetricType type, double value) {
    MetricFamily family{name, help, type, {ClientMetric{}}};
    if (type == MetricType::Counter)
        family.metric.front().counter.value = value;
    else
        family.metric.front().gauge.value = value;
    return family;
}

/// The series of one gauge with a value for each environment; nothing where none has one. Written here: by the library a
/// thousand environments take 50 ms. Ids are UUIDs, in which nothing is to be escaped.
template <class Value>
void write_gauge(std::string& text, const char* name, const char* help, const node_figures& now,
                 Value value) {
    bool begun = false;
    for (const auto& one : now.environments) {
        const std::optional<double> number_now = value(one);
        if (!number_now)
            continue;
        if (!std::exchange(begun, true))
            fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
        fmt::format_to(std::back_inserter(text), "{}{{env_id=\"{}\"}} {}\n", name, one.environment_id,
                       *number_now);
    }
}

void write_environments(std::string& text, const node_figures& now) {
    for (const auto& gauge : gauges)
        write_gauge(text, gauge.name, gauge.help, now, [&gauge](const usage_board::entry& one) {
            return one.sample ? gauge.value(*one.sample) : std::nullopt;
        });
    write_gauge(text, "gestvenv_ephemeral_healthy", "1, or 0 while an alert is critical.", now,
                [](const usage_board::entry& one) { return std::optional{one.healthy ? 1.0 : 0.0}; });
}

/// Whatever else is looked up when someone asks.
class figures final : public prometheus::Collectable {
public:
    explicit figures(const node_figures& now) : now_(now) {}

    std::vector<MetricFamily>
    Collect() const override { // NOLINT(readability-identifier-naming): its name there
        std::vector<MetricFamily> all;
        all.push_back(single("gestvenv_active_environments", "Environments that can be used.",
                             MetricType::Gauge, static_cast<double>(now_.environments.size())));
        all.push_back(single("gestvenv_cache_size_bytes", "What GestVenv has recorded of interpreters.",
                             MetricType::Gauge, static_cast<double>(now_.cache_bytes)));
        all.push_back(single("gestvenv_log_lines_dropped_total", "Lines of the log that were not written.",
                             MetricType::Counter, static_cast<double>(now_.log_lines_dropped)));
        all.push_back(single("gestvenv_trace_spans_exported_total", "Spans that a collector has accepted.",
                             MetricType::Counter, static_cast<double>(now_.spans_exported)));
        all.push_back(single("gestvenv_trace_spans_dropped_total", "Spans that no collector has accepted.",
                             MetricType::Counter, static_cast<double>(now_.spans_dropped)));
        return all;
    }

private:
    const node_figures& now_;
};

class prometheus_metrics final : public metrics {
public:
    prometheus_metrics()
        : counters_{&counter("gestvenv_ephemeral_environments_total", "Environments that were begun."),
                    &counter("gestvenv_environment_created_total", "Environments that became ready."),
                    &counter("gestvenv_environment_deleted_total", "Environments that are gone."),
                    &counter("gestvenv_package_installed_total", "Packages that were installed."),
                    &counter("gestvenv_cache_hits_total", "Packages that a backend had in its cache."),
                    &counter("gestvenv_cache_misses_total", "Packages that a backend had to fetch."),
                    &counter("gestvenv_backend_errors_total", "Runs of a package backend that failed."),
                    &counter("gestvenv_ephemeral_alerts_total", "Alerts that were raised.")},
          creation_(histogram("gestvenv_environment_creation_seconds",
                              "From the request to an environment that is ready.", creation_bounds())),
          install_(histogram("gestvenv_package_install_seconds", "Installations that succeeded.",
                             install_bounds())) {}

    void count(node_counter what, std::size_t times) noexcept override {
        counters_.at(static_cast<std::size_t>(what))->Increment(static_cast<double>(times));
    }

    void measure(node_duration what, std::chrono::nanoseconds time) noexcept override {
        const auto seconds = std::chrono::duration<double>(time).count();
        (what == node_duration::environment_creation ? creation_ : install_).Observe(seconds);
    }

    std::string text(const node_figures& now) const override {
        auto families = registry_.Collect();
        auto looked_up = figures{now}.Collect();
        std::move(looked_up.begin(), looked_up.end(), std::back_inserter(families));
        auto written = prometheus::TextSerializer{}.Serialize(families);
        write_environments(written, now);
        return written;
    }

private:
    prometheus::Counter& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add({});
    }
    prometheus::Histogram& histogram(const char* name, const char* help,
                                     const prometheus::Histogram::BucketBoundaries& bounds) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add({}, bounds);
    }

    prometheus::Registry registry_;
    /// In the order of node_counter.
    std::array<prometheus::Counter*, 8> counters_;
    prometheus::Histogram& creation_;
    prometheus::Histogram& install_;
};

} // namespace

outcome<std::unique_ptr<metrics>> make_metrics() {
    return std::make_unique<prometheus_metrics>();
}

} // namespace gestvenv
