// SPDX-License-Identifier: MIT
// When which environment is to end, and why. One tick serves all deadlines; it runs only while there are any.
// A deadline that is due is put to the environment, through the supervisor: activity since then moves it.
// Beside that a sweep, at the configured interval, has everything looked at that a deadline should have
// ended.
#pragma once

#include "actors/services.hpp"

#include <caf/disposable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace gestvenv {

class cleanup_scheduler_state {
public:
    using pointer = cleanup_scheduler_actor::pointer;

    /// Deadlines are met at most this late.
    static constexpr std::chrono::milliseconds resolution{250};

    cleanup_scheduler_state(pointer self, std::shared_ptr<const services> shared);
    cleanup_scheduler_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.cleanup_scheduler";

private:
    using instant = std::chrono::steady_clock::time_point;
    using key = std::pair<std::string, cleanup_reason>;

    instant now() const;
    void keep_ticking();
    void keep_sweeping();
    void end_due();

    pointer self_;
    std::shared_ptr<const services> shared_;
    std::map<key, instant> deadlines_;
    bool ticking_ = false;
    /// With which the next sweep was planned.
    std::chrono::seconds interval_{0};
    caf::disposable next_sweep_;
};

cleanup_scheduler_actor spawn_cleanup_scheduler(caf::actor_system& system,
                                                std::shared_ptr<const services> shared);

} // namespace gestvenv
