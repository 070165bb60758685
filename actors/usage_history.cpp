// SPDX-License-Identifier: MIT
#include "actors/usage_history.hpp"

#include <algorithm>
#include <iterator>

namespace gestvenv {

namespace {

constexpr double warning_at = 80;
constexpr double critical_at = 95;

std::optional<double> percent_of(std::int64_t value, const std::optional<std::int64_t>& limit) {
    if (!limit || *limit <= 0)
        return std::nullopt;
    return 100.0 * static_cast<double>(value) / static_cast<double>(*limit);
}

} // namespace

std::vector<usage_history::change> usage_history::add(const usage_reading& reading, instant now,
                                                      std::chrono::system_clock::time_point wall, bool keep) {
    if (reading.processes > 0 || reading.cpu_time != last_cpu_)
        active_at_ = now;
    if (now - last_at_ >= shortest_interval) {
        // Less than before: a keeper of another launcher, which began to count anew.
        auto used = std::max(reading.cpu_time - last_cpu_, std::chrono::microseconds{0});
        cpu_percent_ =
            100 * std::chrono::duration<double>(used) / std::chrono::duration<double>(now - last_at_);
        last_cpu_ = reading.cpu_time;
        last_at_ = now;
    }
    usage_sample sample;
    sample.at = wall;
    sample.memory_bytes = reading.memory_bytes;
    sample.memory_peak_bytes = reading.memory_peak_bytes.value_or(
        std::max(reading.memory_bytes, latest_ ? latest_->memory_peak_bytes : 0));
    sample.memory_limit_bytes = limits_.memory_bytes;
    sample.cpu_percent = cpu_percent_;
    sample.disk_bytes = reading.disk_bytes.value_or(latest_ ? latest_->disk_bytes : 0);
    sample.disk_limit_bytes = limits_.disk_bytes;
    sample.shared_memory_bytes = reading.shared_memory_bytes;
    sample.processes = reading.processes;
    sample.threads = reading.threads;
    sample.io_read_bytes = reading.io_read_bytes;
    sample.io_written_bytes = reading.io_written_bytes;

    std::vector<change> changes;
    judged_at_ = wall;
    auto memory = percent_of(sample.memory_bytes, sample.memory_limit_bytes);
    auto disk = percent_of(sample.disk_bytes, sample.disk_limit_bytes);
    auto cpu = 100 * cpu_percent_ / limits_.cpu_percent.value_or(100);
    auto idle = std::chrono::duration<double>(now - active_at_).count();
    judge(alert_kind::memory, alert_level::warning, warning_at, memory, hysteresis, changes);
    judge(alert_kind::memory, alert_level::critical, critical_at, memory, hysteresis, changes);
    judge(alert_kind::disk, alert_level::warning, warning_at, disk, hysteresis, changes);
    judge(alert_kind::disk, alert_level::critical, critical_at, disk, hysteresis, changes);
    judge(alert_kind::cpu, alert_level::warning, warning_at, cpu, hysteresis, changes);
    judge(alert_kind::stale, alert_level::warning, std::chrono::duration<double>(stale_after).count(), idle,
          0, changes);

    if (keep) {
        kept_.push_back(sample);
        if (kept_.size() > most_kept)
            kept_.pop_front();
    }
    latest_ = sample;
    return changes;
}

void usage_history::judge(alert_kind kind, alert_level level, double threshold, std::optional<double> value,
                          double slack, std::vector<change>& changes) {
    auto found = std::find_if(alerts_.begin(), alerts_.end(),
                              [&](const alert& item) { return item.kind == kind && item.level == level; });
    alert now;
    now.kind = kind;
    now.level = level;
    now.value = value.value_or(0);
    now.threshold = threshold;
    now.since = judged_at_;
    if (found == alerts_.end() && value && *value >= threshold) {
        alerts_.push_back(now);
        changes.push_back({std::move(now), true});
    } else if (found != alerts_.end() && now.value < threshold - slack) {
        alerts_.erase(found);
        changes.push_back({std::move(now), false});
    }
}

std::vector<usage_sample> usage_history::last(std::size_t most) const {
    auto first =
        kept_.size() > most ? std::prev(kept_.end(), static_cast<std::ptrdiff_t>(most)) : kept_.begin();
    return {first, kept_.end()};
}

} // namespace gestvenv
