// SPDX-License-Identifier: MIT
#include "net/observability/observability.hpp"

#include "net/observability/otlp_document.hpp"
#include "system/redaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <system_error>
#include <utility>

namespace gestvenv {

namespace {

constexpr std::size_t most_cache_files = 10'000;

std::size_t number_in(const span_record& what, std::string_view attribute) {
    std::size_t number = 0;
    for (const auto& [name, value] : what.attributes)
        if (name == attribute)
            std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

bool is_sampled_id(const span_id& id) {
    return std::any_of(id.begin(), id.end(), [](auto byte) { return byte != 0; });
}

std::string_view past_of(std::string_view operation) {
    if (operation == "create")
        return "environment created";
    if (operation == "execute")
        return "command ended";
    if (operation == "install")
        return "packages installed";
    if (operation == "uninstall")
        return "packages removed";
    return "environment gone";
}

log_level level_of(event_kind kind) noexcept {
    switch (kind) {
    case event_kind::residue_left:
    case event_kind::alert_raised:
        return log_level::warning;
    case event_kind::service_crashed:
        return log_level::error;
    case event_kind::alert_cleared:
    case event_kind::service_restarted:
    case event_kind::configuration_changed:
    case event_kind::runtime_ending:
        return log_level::info;
    default:
        return log_level::debug; // a span tells the same, and more
    }
}

std::size_t words_in(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string_view::npos;
         at = std::min(text.find(' ', at), text.size()))
        ++count;
    return count;
}

} // namespace

namespace {

/// What a program that has a node in it wants to hear.
class function_log final : public node_log {
public:
    explicit function_log(std::function<void(std::string_view)> hears) : hears_(std::move(hears)) {}

    bool takes(log_level level) const noexcept override { return hears_ && level >= log_level::info; }
    void write(const log_line& line) noexcept override {
        try {
            hears_(without_secrets(line.message));
        } catch (
            const std::exception&) { // NOLINT(bugprone-empty-catch): what a program's log throws is dropped
        }
    }
    std::uint64_t dropped() const noexcept override { return 0; }

private:
    std::function<void(std::string_view)> hears_;
};

} // namespace

/// Lives as long as the last span that was begun with it.
class observability::receiver final : public span_receiver {
public:
    receiver(std::shared_ptr<node_log> log, std::unique_ptr<metrics> counts,
             std::optional<otlp_settings> traces)
        : log_(std::move(log)), metrics_(std::move(counts)) {
        if (traces)
            exporter_ =
                std::make_unique<otlp_exporter>(std::move(*traces), [log = log_](std::string_view text) {
                    say(*log, log_level::warning, text, {});
                });
    }

    void ended(const span_record& what) override {
        if (exporter_ && what.context.sampled)
            exporter_->send(what);
        if (!metrics_)
            return;
        count(what);
        const auto level = !is_operation(what) ? log_level::debug
                           : what.problem      ? log_level::warning
                                               : log_level::info;
        if (log_->takes(level))
            log_->write(line_of(what, level));
    }

    void heard(const runtime_event& event) noexcept {
        if (!metrics_)
            return;
        switch (event.kind) {
        case event_kind::environment_created:
            metrics_->count(node_counter::environments);
            break;
        case event_kind::environment_ready:
            metrics_->count(node_counter::environments_created);
            break;
        case event_kind::environment_gone:
            metrics_->count(node_counter::environments_deleted);
            break;
        case event_kind::packages_installed:
            metrics_->count(node_counter::packages_installed, words_in(event.text));
            break;
        case event_kind::alert_raised:
            metrics_->count(node_counter::alerts);
            break;
        default:
            break;
        }
        if (const auto level = level_of(event.kind); log_->takes(level))
            log_->write(line_of(event, level));
    }

    static void say(node_log& log, log_level level, std::string_view text,
                    const std::optional<trace_context>& trace) {
        if (!log.takes(level))
            return;
        log_line line;
        line.level = level;
        line.at = std::chrono::system_clock::now();
        line.message = text;
        if (trace) {
            line.trace = hexadecimal(trace->trace);
            if (is_sampled_id(trace->span))
                line.span = hexadecimal(trace->span);
        }
        log.write(line);
    }

    node_log& log() noexcept { return *log_; }
    bool receives_spans() const noexcept { return metrics_ || exporter_; }
    std::string text(node_figures now) const {
        now.log_lines_dropped = log_->dropped();
        if (exporter_) {
            now.spans_exported = exporter_->exported();
            now.spans_dropped = exporter_->dropped();
        }
        return metrics_ ? metrics_->text(now) : "# this program has no metrics\n";
    }
    /// Sends what waits.
    void end_traces() noexcept {
        if (exporter_)
            exporter_->end();
    }

private:
    void count(const span_record& what) noexcept {
        if (what.name == "create" && !what.problem)
            metrics_->measure(node_duration::environment_creation, what.duration);
        else if (what.name == "install" && !what.problem)
            metrics_->measure(node_duration::package_install, what.duration);
        else if (what.name == "installer" && what.problem)
            metrics_->count(node_counter::backend_errors);
        if (what.name == "installer") {
            if (auto hits = number_in(what, "cache_hits"); hits > 0)
                metrics_->count(node_counter::cache_hits, hits);
            if (auto misses = number_in(what, "cache_misses"); misses > 0)
                metrics_->count(node_counter::cache_misses, misses);
        }
    }

    static log_line line_of(const span_record& what, log_level level) {
        log_line line;
        line.level = level;
        line.at = what.began + std::chrono::duration_cast<std::chrono::system_clock::duration>(what.duration);
        line.message = what.problem         ? fmt::format("{} failed: {}", what.name, what.problem->message)
                       : is_operation(what) ? std::string{past_of(what.name)}
                                            : what.name;
        line.trace = hexadecimal(what.context.trace);
        line.span = hexadecimal(what.context.span);
        line.operation = what.operation;
        line.environment_id = what.environment_id;
        line.environment_name = what.environment_name;
        line.fields.emplace_back(
            "duration_ms",
            fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(what.duration).count()));
        if (what.problem)
            line.fields.emplace_back("code", to_string(what.problem->code));
        line.fields.insert(line.fields.end(), what.attributes.begin(), what.attributes.end());
        return line;
    }

    static log_line line_of(const runtime_event& event, log_level level) {
        log_line line;
        line.level = level;
        line.at = event.at;
        line.message =
            fmt::format("{}{}{}", to_string(event.kind), event.text.empty() ? "" : ": ", event.text);
        line.environment_id = event.environment_id;
        line.environment_name = event.environment_name;
        return line;
    }

    std::shared_ptr<node_log> log_;
    std::unique_ptr<metrics> metrics_;
    std::unique_ptr<otlp_exporter> exporter_;
};

outcome<std::unique_ptr<observability>> observability::start(observability_settings settings) {
    auto log = open_node_log(settings.log);
    if (!log)
        return failure(std::move(log).error());
    auto counts = make_metrics();
    if (!counts)
        return failure(std::move(counts).error());
    auto hears = std::make_shared<receiver>(std::move(*log), std::move(*counts), std::move(settings.traces));
    set_span_receiver(hears);
    return std::unique_ptr<observability>{new observability{std::move(hears), std::move(settings.caches)}};
}

std::unique_ptr<observability> observability::within_program(std::function<void(std::string_view)> log,
                                                             std::optional<otlp_settings> traces) {
    auto hears = std::make_shared<receiver>(std::make_shared<function_log>(std::move(log)), nullptr,
                                            std::move(traces));
    if (hears->receives_spans())
        set_span_receiver(hears);
    return std::unique_ptr<observability>{new observability{std::move(hears), {}}};
}

observability::observability(std::shared_ptr<receiver> hears, std::vector<std::filesystem::path> caches)
    : receiver_(std::move(hears)), caches_(std::move(caches)), thread_(most_scrapes) {}

observability::~observability() {
    if (receiver_->receives_spans())
        set_span_receiver(nullptr);
    receiver_->end_traces();
}

void observability::say(log_level level, std::string_view text) noexcept {
    try {
        receiver::say(receiver_->log(), level, text, {});
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory, for one line of a log
    }
}

void observability::say(log_level level, std::string_view text, const trace_context& trace) noexcept {
    try {
        receiver::say(receiver_->log(), level, text, trace);
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory, for one line of a log
    }
}

bool observability::says(log_level level) const noexcept {
    return receiver_->log().takes(level);
}

void observability::heard(const runtime_event& event) noexcept {
    receiver_->heard(event);
}

bool observability::scrape(std::function<void(std::string)> done) {
    return thread_.post([this, done = std::move(done)] { done(text()); });
}

std::string observability::text() {
    node_figures now;
    now.environments = usage_board::of_process().copy();
    now.cache_bytes = cache_bytes();
    return receiver_->text(std::move(now));
}

std::int64_t observability::cache_bytes() {
    const auto now = std::chrono::steady_clock::now();
    if (caches_looked_at_ && now - *caches_looked_at_ < caches_looked_at_each)
        return cache_bytes_;
    caches_looked_at_ = now;
    cache_bytes_ = 0;
    std::size_t files = 0;
    for (const auto& folder : caches_) {
        std::error_code problem; // what cannot be looked at counts as nothing
        for (std::filesystem::recursive_directory_iterator item{folder, problem}, end;
             !problem && item != end && files < most_cache_files; item.increment(problem), ++files)
            if (std::error_code ignored; item->is_regular_file(ignored))
                cache_bytes_ += static_cast<std::int64_t>(item->file_size(ignored));
    }
    return cache_bytes_;
}

} // namespace gestvenv
