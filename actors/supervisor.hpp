// SPDX-License-Identifier: MIT
// The root of one runtime: admits environments against the global limits, keeps the table of them, and sees
// to it that every one is torn down, however its actor ended.
//
// - An environment is a temporary child: it is never started again, and its death alone (DOWN) frees nothing.
//   Its reservation comes back only with a receipt that leaves nothing.
// - A creation that finds no room waits, if it asked to, in the order of arrival: none overtakes, not even
//   one that would fit.
// - Creations and teardowns have deadlines, met by one tick that runs only while there are any.
// - The services are another supervisor's (supervision/service_supervisor.hpp); when that one gives up, all
//   environments are ended and nothing new is taken.
#pragma once

#include "actors/admission.hpp"
#include "actors/recent_receipts.hpp"
#include "actors/services.hpp"
#include "actors/shared_info.hpp"
#include "actors/supervision/restart_intensity.hpp"
#include "system/tracing/span.hpp"

#include <gestvenv/crash_report.hpp>

#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv {

class supervisor_state {
public:
    /// More losses of the launcher within the period, and the runtime ends in order.
    static constexpr std::size_t most_launcher_restarts = 10;
    static constexpr std::chrono::seconds launcher_restart_period{60};

    using pointer = supervisor_actor::pointer;

    /// Deadlines are met at most this late.
    static constexpr std::chrono::milliseconds resolution{250};
    /// Creations that may wait for room at a time; a further one is refused.
    static constexpr std::size_t most_waiting = 10'000;
    static constexpr std::size_t most_crash_reports = 100;

    supervisor_state(pointer self, std::shared_ptr<services> shared);
    supervisor_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.supervisor";

private:
    using instant = std::chrono::steady_clock::time_point;
    using creator = caf::typed_response_promise<environment_info>;
    using receipt_handler = std::function<void(const teardown_receipt&)>;
    enum class stage { creating, alive, ending, stuck };

    struct child {
        environment_actor actor;
        /// Tells a late DOWN of an earlier actor from this one's.
        std::uint64_t incarnation = 0;
        resolved_specification specification;
        std::shared_ptr<shared_info> info;
        stage now = stage::creating;
        cleanup_reason reason = cleanup_reason::requested;
        /// Of the creation or the teardown under way.
        instant deadline = instant::max();
        /// What has been added to it for waiting at the installer.
        installer_turns::duration waited = installer_turns::duration::zero();
        /// Waits for the creation.
        std::optional<creator> creating;
        /// Of the creation, until it is answered, and of the teardown under way.
        span made;
        span ended;
        /// Wait for the receipt of the teardown under way.
        std::vector<receipt_handler> waiting;
        teardown_receipt last;
        /// Why the teardown under way was not heard: there was no reaper, and its successor is asked. Empty: it was.
        std::string unheard;
    };
    /// A creation that waits for room.
    struct candidate {
        std::string id;
        resolved_specification specification;
        instant deadline;
        creator done;
        span made;
    };

    caf::result<environment_info> create(std::string id, environment_spec spec);
    void start(const std::string& id, resolved_specification spec, creator done, span made);
    void created(const std::string& id, environment_info info);
    void not_created(const std::string& id, const error& reason);
    void cancel(const std::string& id);
    void admit_waiting();
    void refuse_waiting(const error& reason);

    caf::result<teardown_receipt> destroy(const std::string& wanted, cleanup_reason reason, bool force);
    void expire(const std::string& id, cleanup_reason reason);
    void check_deadlines();
    caf::result<std::vector<teardown_receipt>> shut_down(cleanup_reason reason);
    void undo_leftovers(std::shared_ptr<std::vector<teardown_receipt>> receipts,
                        caf::typed_response_promise<std::vector<teardown_receipt>> done);
    void end_all(cleanup_reason reason);
    void launcher_lost();
    void child_down(const std::string& id, std::uint64_t incarnation, const caf::error& reason);

    /// Stops the environment's actor, has everything undone, then calls `done`. Joins a teardown under way.
    void end(const std::string& id, cleanup_reason reason, receipt_handler done);
    static void begin_span_of_end(const std::string& id, child& item);
    void tear_down(const std::string& id);
    /// The receipt of one that is unheard, at the end.
    void not_torn_down(const std::string& id);
    void torn_down(const std::string& id, const teardown_receipt& receipt);

    caf::result<void> configure(runtime_config config);
    void service_restarted(const std::string& service);
    void note_crash(crash_report report);
    void give_up(const std::string& why);

    void keep_watch();
    void watch();
    instant now() const;
    std::vector<environment_info> list() const;
    caf::result<process_list> processes_of(const std::string& wanted, std::uint64_t most);
    std::string tree() const;

    /// Checked, and with the configured defaults where it leaves something open.
    outcome<resolved_specification> resolve(environment_spec spec) const;
    bool is_taken(const std::string& environment_name) const;
    /// The id meant by an id, a unique prefix of one, or a name.
    outcome<std::string> find(const std::string& wanted) const;
    /// The same for one that can be used.
    outcome<environment_actor> find_alive(const std::string& wanted) const;

    pointer self_;
    std::shared_ptr<services> shared_;
    admission admission_;
    std::map<std::string, child> children_;
    recent_receipts ended_;
    std::deque<candidate> queue_;
    std::deque<crash_report> crashes_;
    /// A launcher that keeps dying takes every environment with it each time.
    restart_intensity launcher_restarts_{most_launcher_restarts, launcher_restart_period};
    std::uint64_t next_incarnation_ = 1;
    bool watching_ = false;
    bool shutting_down_ = false;
};

supervisor_actor spawn_supervisor(caf::actor_system& system, std::shared_ptr<services> shared);

} // namespace gestvenv
