// When which environment is to end, and why. One tick serves all deadlines; it runs only while there are any.
#pragma once

#include "messages/actors.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace gestvenv {

class cleanup_scheduler_behavior {
public:
    using pointer = cleanup_scheduler_actor::pointer;

    /// Deadlines are met at most this late.
    static constexpr std::chrono::milliseconds resolution{250};

    cleanup_scheduler_behavior(pointer self, supervisor_actor supervisor);
    cleanup_scheduler_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.cleanup_scheduler";

private:
    using instant = std::chrono::steady_clock::time_point;
    using key = std::pair<std::string, cleanup_reason>;

    instant now() const;
    void keep_ticking();
    void end_due();

    pointer self_;
    supervisor_actor supervisor_;
    std::map<key, instant> deadlines_;
    bool ticking_ = false;
};

cleanup_scheduler_actor spawn_cleanup_scheduler(caf::actor_system& system, supervisor_actor supervisor);

} // namespace gestvenv
