// SPDX-License-Identifier: MIT
#include "net/observability/process_traces.hpp"

#include "net/observability/otlp_exporter.hpp"
#include "system/tracing/common_origin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gestvenv {

namespace {

/// Of the time that the end may take: for a request that is broken off to notice it.
constexpr std::chrono::milliseconds to_break_off{100};

std::string name_of(const otlp_settings& collector) {
    return fmt::format("{}://{}:{}{}", collector.where.encrypted ? "https" : "http", collector.where.host,
                       collector.where.port, collector.target);
}

} // namespace

/// Lives as long as the last span that was begun with it.
class process_traces::receiver final : public span_receiver {
public:
    explicit receiver(otlp_settings collector)
        : name_(name_of(collector)), exporter_(std::move(collector), nullptr) {}

    void ended(const span_record& what) override {
        if (what.context.sampled)
            exporter_.send(what);
    }

    outcome<void> end(std::chrono::milliseconds patience) {
        exporter_.end(patience - std::min(patience / 2, to_break_off), to_break_off);
        const auto lost = exporter_.dropped();
        if (lost == 0)
            return {};
        auto why = exporter_.last_failure();
        if (why.empty())
            why = "it has not answered in time"; // nor is it connected
        return failure(error_code::system_failure,
                       fmt::format("{} spans could not be sent to {}: {}", lost, name_, why));
    }

private:
    std::string name_;
    otlp_exporter exporter_;
};

process_traces::process_traces(wish what) : receiver_(std::make_shared<receiver>(std::move(what.collector))) {
    set_span_receiver(receiver_);
    std::optional<request_origin> parent;
    if (auto context = parse_traceparent(what.parent))
        parent = request_origin{*context, {}};
    if (!what.whole.empty())
        whole_ = span::begin(what.whole, parent);
    set_common_origin(whole_ ? whole_.origin() : parent);
}

process_traces::~process_traces() {
    static_cast<void>(end(otlp_exporter::last_patience)); // what was lost is asked for before
}

outcome<void> process_traces::end(std::chrono::milliseconds patience) {
    auto hears = std::exchange(receiver_, nullptr);
    if (!hears)
        return {};
    whole_.end();
    set_common_origin(std::nullopt);
    set_span_receiver(nullptr);
    return hears->end(patience);
}

} // namespace gestvenv
