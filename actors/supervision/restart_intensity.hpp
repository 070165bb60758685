// SPDX-License-Identifier: MIT
// How often children may be restarted before their supervisor gives up: at most so many within a sliding
// window (Erlang/OTP: supervisor(3), "intensity" and "period").
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace gestvenv {

class restart_intensity {
public:
    using instant = std::chrono::steady_clock::time_point;

    /// `most` 0: the first restart is one too many.
    restart_intensity(std::size_t most, std::chrono::nanoseconds period) : most_(most), period_(period) {}

    /// Notes a restart; false when there have now been more than `most` within `period`. Remembers no more
    /// than it needs.
    bool note(instant now) {
        while (!restarts_.empty() && now - restarts_.front() >= period_)
            restarts_.pop_front();
        if (restarts_.size() >= most_)
            return false;
        restarts_.push_back(now);
        return true;
    }

    std::size_t count(instant now) const {
        std::size_t recent = 0;
        for (auto when : restarts_)
            if (now - when < period_)
                ++recent;
        return recent;
    }

private:
    std::size_t most_;
    std::chrono::nanoseconds period_;
    std::deque<instant> restarts_;
};

} // namespace gestvenv
