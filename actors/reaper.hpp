// SPDX-License-Identifier: MIT
// Owns every resource of every environment, apart from actor state: writes the intent before anything is
// made, has it made, undoes it, proves it gone, writes the receipt. Runs on a thread of its own because the
// journal is a file.
//
// Death of an environment's actor is nothing to it: what was made stands in its table and in the journal.
// After the supervisor's death it undoes everything.
#pragma once

#include "actors/services.hpp"
#include "system/journal/journal.hpp"
#include "system/tracing/span.hpp"

#include <gestvenv/teardown_receipt.hpp>

#include <caf/actor_clock.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gestvenv {

class reaper_state {
public:
    using pointer = reaper_actor::pointer;

    /// Pause before the first repeated attempt to remove what was left, or to start a launcher; doubles up to
    /// the cap.
    static constexpr std::chrono::milliseconds first_pause{500};
    static constexpr std::chrono::milliseconds longest_pause{60000};
    /// How many launchers one attempt of a teardown may lose before it has failed.
    static constexpr int most_interruptions = 3;
    /// Journal upkeep.
    static constexpr std::chrono::seconds upkeep_interval{1};

    reaper_state(pointer self, std::shared_ptr<services> shared, std::shared_ptr<journal> records);
    reaper_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.reaper";

private:
    using receipt_handler = std::function<void(const teardown_receipt&)>;
    struct teardown {
        std::string id;
        std::string environment_name;
        cleanup_reason reason = cleanup_reason::requested;
        std::chrono::steady_clock::time_point began;
        std::chrono::milliseconds pause = first_pause;
        /// In such a pause: nothing is being done.
        bool pausing = false;
        /// Launchers that were lost in this attempt.
        int interruptions = 0;
        teardown_receipt receipt;
        /// Hear of the first attempt, or of the next one, and are dropped.
        std::vector<receipt_handler> done;
        /// Whether the supervisor knows of it, and is to hear when nothing is left.
        bool told = true;
        span at_launcher;
    };

    /// What one environment holds.
    struct holding {
        std::string environment_name;
        /// As the journal has them.
        std::vector<unfinished_resource> resources;
        /// Entries of the journal that this version does not understand (undo_order.hpp): nothing of it is undone.
        std::vector<residue> not_understood;
        /// Under which all of its groups are made; empty: none is intended.
        std::string group_name;
        std::optional<resource_id> keeper_intent;
        std::optional<resource_id> groups_intent;
        /// Through which launcher it was made: what an earlier one made is undone by path.
        int launcher = 0;
        /// Why the intent could not be written: nothing may be made.
        std::optional<error> failure;
        std::shared_ptr<teardown> ending;
    };

    void intend(const storage_request& request);
    outcome<std::vector<resource_id>> write_intents(const std::string& id, holding& held,
                                                    std::span<const resource_record> records);
    outcome<void> check_usable(const std::string& id) const;
    void acquire(storage_request request, storage_receiver receiver);
    void start_keeper(const std::string& id, const resource_limits& limits, shared_memory shm,
                      caf::typed_response_promise<containment> done);
    outcome<void> intend_keeper(const std::string& id, holding& held, const resource_limits& limits);
    void keeper_started(const std::string& id, const protocol::keeper_started& keeper);
    void forget_groups(const std::string& id);
    void end(const std::shared_ptr<teardown>& work, std::chrono::milliseconds grace);
    static void begin_span(teardown& work);
    void undo_by_path(const std::shared_ptr<teardown>& work);
    std::function<void(outcome<protocol::ended>)> answer_for(std::shared_ptr<teardown> work);
    outcome<void> ensure_launcher();
    void attempted(const std::shared_ptr<teardown>& work, outcome<protocol::ended> result);
    void finish(const std::shared_ptr<teardown>& work);
    void end_with_sender(const std::string& id);
    std::shared_ptr<teardown> orphan(const std::string& id) const;
    void undo_all(std::function<void(std::vector<teardown_receipt>)> done);
    void supervisor_ended();
    void keep_upkeep();
    void take_over();

    pointer self_;
    std::shared_ptr<services> shared_;
    std::shared_ptr<journal> journal_;
    std::map<std::string, holding> held_;
    bool closing_ = false;
    /// The supervisor has ended: no more requests come.
    bool alone_ = false;
    /// Teardowns that the launcher has died under: they go on through the next one.
    std::vector<std::shared_ptr<teardown>> interrupted_;
    /// When a launcher that could not be started is tried again, and how long that is put off the next time.
    caf::actor_clock::time_point next_launcher_;
    std::chrono::milliseconds launcher_pause_ = first_pause;
};

/// `own_thread` false only in tests, where one thread runs everything.
reaper_actor spawn_reaper(caf::actor_system& system, std::shared_ptr<services> shared,
                          std::shared_ptr<journal> records, bool own_thread = true);

} // namespace gestvenv
