// SPDX-License-Identifier: MIT
// What dead keepers have left to the launcher, their parent's subreaper: killed pass by pass, so that one
// that does not die makes no other environment wait.
//
// Whose a process was cannot be told from it once its keeper is gone. So it stands for each environment whose
// keeper was lost since it was first seen: none of them is done before it has ended.
#pragma once

#include "system/launcher/process_tree.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gestvenv {

/// Of the launcher's one thread.
class orphan_hunt {
public:
    using clock = std::chrono::steady_clock;

    /// Between two passes; doubles to the longer while they find the same.
    static constexpr std::chrono::milliseconds shortest_pause{1};
    static constexpr std::chrono::milliseconds longest_pause{64};

    /// Looks for all descendants of the launcher that belong to no keeper, and kills them; as
    /// kill_descendants_once(). Begins for every keeper that has ended by then.
    using killer = std::function<killing_pass()>;

    explicit orphan_hunt(killer kill_once) : kill_once_(std::move(kill_once)) {}

    /// The keeper of this environment is gone, or what it left before is to be tried again.
    void begin(const std::string& id) {
        hunted_for_.insert(id);
        next_pass_ = {};
        pause_ = shortest_pause;
    }

    /// These are still below the keeper of this environment, which is about to be killed: they are its alone.
    void expect(const std::string& id, const std::vector<found_process>& processes);

    /// Whether nothing that may be this environment's is left. False until a pass that can have overlooked
    /// no process has found none.
    bool done(const std::string& id) const { return !hunted_for_.contains(id); }

    /// What is left of those that may be this environment's, as far as was seen; and hunts for it no more
    /// until it is begun again.
    std::vector<pid_t> give_up(const std::string& id);

    /// Makes a pass when one is due.
    void advance();

    /// When advance() has something to do.
    std::optional<clock::time_point> wake_at() const;

private:
    void forget(const std::string& id);

    struct orphan {
        unsigned long long start_time = 0;
        std::set<std::string> may_be_of;
    };

    killer kill_once_;
    std::set<std::string> hunted_for_;
    std::map<pid_t, orphan> seen_;
    /// Told before they could be seen, until the hunt for their environment is over.
    std::map<pid_t, orphan> expected_;
    clock::time_point next_pass_;
    std::chrono::milliseconds pause_ = shortest_pause;
};

} // namespace gestvenv
