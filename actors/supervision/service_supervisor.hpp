// SPDX-License-Identifier: MIT
// Keeps the runtime's services alive: starts them in order, starts again those that end, stops them in
// reverse. What it decides stands in supervision_table.hpp, with the contract; here it is carried out.
//
// Beyond that contract:
// - A start that throws is an abnormal end of that child.
// - Every end that was not asked for makes a crash report, which goes to `hears`.
// - A child that does not stop within its deadline is given up: it is named, and its replacement is started
//   without it.
// - When the supervisor gives up, it starts nothing any more and calls `gave_up` once; the receiver of that
//   ends the runtime in order, with the services that still live, and then these.
// - shutdown_atom stops all in reverse order, one after another, and is answered with those that did not end,
//   after at most the sum of their deadlines or `whole`, whichever is shorter.
#pragma once

#include "actors/supervision/supervision_table.hpp"
#include "messages/caf/actors.hpp"
#include "messages/outcome.hpp"

#include <gestvenv/crash_report.hpp>

#include <caf/disposable.hpp>
#include <caf/typed_response_promise.hpp>

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gestvenv {

/// One child: how it is supervised, and how it is started.
struct supervised_service {
    child_specification specification;
    /// Starts an actor and puts its handle where the others look for it. May throw.
    std::function<caf::actor()> start;
};

/// Called on the supervisor's thread; must neither block nor throw.
struct supervision_listener {
    /// Each has been started once; an error is that of the first which could not be.
    std::function<void(outcome<void>)> ready;
    std::function<void(crash_report)> crashed;
    std::function<void(const std::string& name)> restarted;
    std::function<void(const std::string& why)> gave_up;
};

class service_supervisor_state {
public:
    using pointer = service_supervisor_actor::pointer;

    /// All children together may take this long to stop.
    static constexpr std::chrono::seconds whole{4};

    service_supervisor_state(pointer self, supervision_settings settings,
                             std::vector<supervised_service> services, supervision_listener listener);
    service_supervisor_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.services";

private:
    using instant = std::chrono::steady_clock::time_point;

    struct running {
        caf::actor actor;
        /// Tells a late end of an earlier actor from this one's.
        std::uint64_t incarnation = 0;
        caf::disposable deadline;
    };

    void start(const std::string& name, bool again);
    void not_started(const std::string& name, const error& reason, bool again);
    void down(const std::string& name, std::uint64_t incarnation, const caf::error& reason);
    void ended(const std::string& name, child_end how, const error& reason);
    void stop(const std::string& name);
    /// A child that was told to stop has done so, or its deadline has passed.
    void gone(const std::string& name, bool in_time);
    void start_waiting();
    void stop_in_turn(std::vector<std::string> names);
    void stop_next();
    nlohmann::json tree() const;
    instant now() const;

    pointer self_;
    supervision_table table_;
    std::map<std::string, std::function<caf::actor()>> starts_;
    std::map<std::string, running> running_;
    supervision_listener listener_;
    std::uint64_t next_incarnation_ = 1;
    instant start_not_before_{};
    /// Of the starts before `ready`.
    outcome<void> first_starts_;
    bool given_up_ = false;
    bool ending_ = false;
    caf::disposable whole_deadline_;
    /// Children yet to be stopped, one after another.
    std::deque<std::string> to_stop_;
    std::vector<residue> left_;
    std::vector<caf::typed_response_promise<std::vector<residue>>> waiting_for_end_;
};

service_supervisor_actor spawn_service_supervisor(caf::actor_system& system, supervision_settings settings,
                                                  std::vector<supervised_service> services,
                                                  supervision_listener listener);

} // namespace gestvenv
