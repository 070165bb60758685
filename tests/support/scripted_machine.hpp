// SPDX-License-Identifier: MIT
// A machine that does nothing and says what a test tells it to: for the failures that a real one cannot be
// made to have on demand. Answers come at once, in the caller's thread, unless they are held.
#pragma once

#include "system/process/machine.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gestvenv::test {

class scripted_machine final : public machine {
public:
    /// Environments that exist, by id: what a leak would leave here.
    std::set<std::string> living;
    /// Commands under way, by number: call to end one.
    std::map<std::uint64_t, callback<operation_result>> running;
    /// Everything asked for, in order: "create", "keeper", "run 3", "kill 3", "end", "undo", "restart".
    std::vector<std::string> log;

    /// Every start of a keeper as it was asked for, and the cgroups that were to be undone by path.
    std::vector<protocol::start_keeper> keepers;
    std::vector<std::string> undone_groups;
    std::vector<protocol::noted_process> undone_keepers;

    /// What environments use, by id; the others use nothing.
    std::map<std::string, usage_reading> usage;

    /// The processes of each environment.
    protocol::listed processes;

    /// Errors given instead of answers.
    std::optional<error> fail_create;
    std::optional<error> fail_keeper;
    std::optional<error> fail_run;
    /// What the next restarts fail with, one entry each; later ones succeed.
    std::deque<error> fail_restarts;
    /// Whether the launcher is gone: then every request fails until a restart succeeds.
    bool lost = false;
    /// So many of the next requests to undo something lose the launcher.
    int losing_undos = 0;
    /// Which limits can be kept; all of them.
    limit_places limits{{true, {}, {}}, {true, {}, {}}, {true, {}, {}}, {}};
    std::string cgroup_parent;
    /// Where the environments' folders are; there is none.
    std::string storage = "/scripted";
    containment best = containment::pid_namespace;
    /// Whether keepers turn out to have ended for want of memory.
    bool out_of_memory = false;
    /// What the next teardowns leave, one entry each; empty ones and all later ones leave nothing.
    std::deque<std::vector<residue>> residues;
    /// Whether teardowns are never answered.
    bool silent_ends = false;
    /// Whether commands stay in `running` instead of succeeding at once.
    bool hold_commands = false;
    /// Whether creations wait in `held_creations`.
    bool hold_creations = false;
    std::vector<std::function<void()>> held_creations;

    void finish(std::uint64_t command, outcome<operation_result> result);

    void set_layout(std::uint64_t number, const python::venv_layout& layout) override;
    void create(protocol::create request, callback<protocol::created> done) override;
    void start_keeper(protocol::start_keeper request, callback<protocol::keeper_started> done) override;
    void run(const std::string& environment_id, process_request request,
             callback<operation_result> done) override;
    void kill(const std::string& environment_id, std::uint64_t command,
              std::chrono::milliseconds grace) override;
    void sample(std::vector<std::string> environment_ids, callback<std::vector<usage_reading>> done) override;
    void list_processes(protocol::list_processes request, callback<protocol::listed> done) override;
    void end(protocol::end request, callback<protocol::ended> done) override;
    void undo(protocol::undo request, callback<protocol::ended> done) override;
    bool launcher_is_lost() const override;
    outcome<void> restart() override;
    protocol::greeting greeting() const override;

private:
    protocol::ended next_end(const std::string& id);
};

} // namespace gestvenv::test
