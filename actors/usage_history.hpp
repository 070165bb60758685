// SPDX-License-Identifier: MIT
// What is known of one environment's use: its last samples, and the alerts they raise and clear.
#pragma once

#include "system/limits/usage_reading.hpp"

#include <gestvenv/resource_usage.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace gestvenv {

/// What the uses of an environment are measured against.
struct usage_limits {
    std::optional<std::int64_t> memory_bytes;
    std::optional<std::int64_t> disk_bytes;
    /// Of one core; unset: alerts take one core for all.
    std::optional<double> cpu_percent;
};

class usage_history {
public:
    using instant = std::chrono::steady_clock::time_point;

    /// An hour at the default interval.
    static constexpr std::size_t most_kept = 720;
    /// A shorter time than this says little about CPU use: the figure before stays.
    static constexpr std::chrono::milliseconds shortest_interval{100};
    static constexpr std::chrono::seconds stale_after{300};
    /// How far below its threshold, in percentage points, a value must fall for the alert to end.
    static constexpr double hysteresis = 5;

    /// An alert that was raised or is over; `environment_*` is left open.
    struct change {
        alert what;
        bool raised = true;
    };

    usage_history(usage_limits limits, instant now) : limits_(limits), last_at_(now), active_at_(now) {}

    /// Takes a reading of this moment and tells what it changes. `keep`: into the history too.
    std::vector<change> add(const usage_reading& reading, instant now,
                            std::chrono::system_clock::time_point wall, bool keep);

    /// The last sample; unset before the first.
    const std::optional<usage_sample>& latest() const noexcept { return latest_; }
    /// The last `most`, oldest first.
    std::vector<usage_sample> last(std::size_t most) const;
    const std::vector<alert>& alerts() const noexcept { return alerts_; }

private:
    void judge(alert_kind kind, alert_level level, double threshold, std::optional<double> value,
               double slack, std::vector<change>& changes);

    usage_limits limits_;
    instant last_at_;
    /// When something was last seen to run.
    instant active_at_;
    std::chrono::microseconds last_cpu_{0};
    double cpu_percent_ = 0;
    std::optional<usage_sample> latest_;
    std::deque<usage_sample> kept_;
    std::vector<alert> alerts_;
    std::chrono::system_clock::time_point judged_at_;
};

} // namespace gestvenv
