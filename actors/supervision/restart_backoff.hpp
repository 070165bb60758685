// SPDX-License-Identifier: MIT
// How long to wait before a child is started again: longer each time, up to a cap, with jitter, and from the
// beginning once it has run well for a while.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

namespace gestvenv {

struct backoff_settings {
    std::chrono::milliseconds base{50};
    double factor = 2;
    std::chrono::milliseconds cap{30'000};
    /// Part of the pause that is left to chance, in each direction.
    double jitter = 0.1;
    /// A child that has run this long begins again at `base`.
    std::chrono::milliseconds stable_after{60'000};
};

class restart_backoff {
public:
    using instant = std::chrono::steady_clock::time_point;

    explicit restart_backoff(backoff_settings settings = {}) : settings_(settings) {}

    void started(instant now) { started_ = now; }

    /// The pause before the next start of a child that has just ended. `chance`: uniform in [0, 1).
    std::chrono::nanoseconds next(instant now, double chance) {
        if (started_ && now - *started_ >= settings_.stable_after)
            failures_ = 0;
        started_.reset();
        // The exponent is bounded so that the power stays a number; the cap is reached long before.
        auto pause = std::chrono::duration<double>{settings_.base} *
                     std::pow(settings_.factor, std::min(failures_, 64));
        ++failures_;
        pause = std::min(pause, std::chrono::duration<double>{settings_.cap});
        pause *= 1 + settings_.jitter * (2 * chance - 1);
        return std::chrono::duration_cast<std::chrono::nanoseconds>(pause);
    }

private:
    backoff_settings settings_;
    int failures_ = 0;
    std::optional<instant> started_;
};

} // namespace gestvenv
