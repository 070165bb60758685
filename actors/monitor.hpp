// SPDX-License-Identifier: MIT
// Measures what environments use: one tick for all of them, while there are any and monitoring is on; answers
// questions at any time. Raises alerts as events, each once when its threshold is crossed.
#pragma once

#include "actors/services.hpp"
#include "actors/usage_history.hpp"
#include "messages/resolved_specification.hpp"

#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

class monitor_state {
public:
    using pointer = monitor_actor::pointer;

    /// Totals not older than this are answered without another look.
    static constexpr std::chrono::seconds fresh{1};

    monitor_state(pointer self, std::shared_ptr<const services> shared);
    monitor_state(const monitor_state&) = delete;
    monitor_state& operator=(const monitor_state&) = delete;
    ~monitor_state();
    monitor_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.monitor";

private:
    struct watched {
        std::string name;
        /// Files in RAM count as memory; the kernel counts them itself where memory is limited.
        bool in_memory = false;
        bool limited = false;
        usage_history history;
    };

    void watch(const std::string& id, const resolved_specification& spec);
    void keep_ticking();
    void tick();
    /// Has these looked at, then calls `done`. `keep`: into the histories too.
    void sample(std::vector<std::string> ids, bool keep, std::function<void(const outcome<void>&)> done);
    void sample_some(std::vector<std::string> ids, bool keep, std::function<void(const outcome<void>&)> done);
    void take(const std::vector<usage_reading>& readings, bool keep);
    void publish(const std::string& id, const std::string& environment_name,
                 const usage_history::change& what);
    std::vector<std::string> all_ids() const;
    resource_usage totals() const;

    pointer self_;
    std::shared_ptr<const services> shared_;
    std::map<std::string, watched> watched_;
    std::optional<usage_history::instant> all_sampled_at_;
    std::int64_t alerts_total_ = 0;
    bool ticking_ = false;
    bool sampling_ = false;
};

monitor_actor spawn_monitor(caf::actor_system& system, std::shared_ptr<const services> shared);

} // namespace gestvenv
