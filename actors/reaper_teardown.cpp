// How the reaper undoes what it holds; how it has it made stands in reaper.cpp.
#include "actors/reaper.hpp"

#include "messages/caf_error.hpp"
#include "messages/json.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace gestvenv {

void reaper_behavior::end(const std::shared_ptr<teardown>& work, std::chrono::milliseconds grace) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    found->second.ending = true;
    if (found->second.launcher != shared_->launcher)
        return undo_by_path(work);
    shared_->host->end({work->id, grace}, answer_for(work));
}

// A launcher that died meanwhile leaves the rest to the next one, of which word will come.
std::function<void(outcome<protocol::ended>)> reaper_behavior::answer_for(std::shared_ptr<teardown> work) {
    return resume(self_, [this, work, asked = shared_->launcher.load()](outcome<protocol::ended> result) {
        bool lost = !result && result.error().code == error_code::launcher_crashed;
        if (lost && asked == shared_->launcher)
            interrupted_.push_back(work);
        else if (lost)
            undo_by_path(work);
        else
            attempted(work, std::move(result));
    });
}

// A launcher where there is none, and through it the teardowns that the one before has left.
outcome<void> reaper_behavior::ensure_launcher() {
    outcome<void> ready;
    if (shared_->host->launcher_is_lost()) {
        ++shared_->launcher;
        ready = shared_->host->restart();
        next_launcher_ = self_->clock().now() + launcher_pause_;
        launcher_pause_ = ready ? first_pause : std::min(launcher_pause_ * 2, longest_pause);
    }
    for (const auto& work : std::exchange(interrupted_, {}))
        if (ready)
            undo_by_path(work);
        else
            attempted(work, failure(ready.error()));
    return ready;
}

void reaper_behavior::undo_by_path(const std::shared_ptr<teardown>& work) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    // Its keeper went with the launcher, which may have been noticed before that.
    if (work->reason == cleanup_reason::failed_state)
        work->reason = cleanup_reason::launcher_crashed;
    const auto& held = found->second;
    shared_->host->undo({held.folders, shared_->owner, held.cgroups, held.keepers}, answer_for(work));
}

void reaper_behavior::attempted(const std::shared_ptr<teardown>& work, outcome<protocol::ended> result) {
    auto& receipt = work->receipt;
    receipt.residue.clear();
    if (result) {
        receipt.processes_killed += result->processes_killed;
        receipt.mounts_removed += result->mounts_removed;
        receipt.cgroups_removed += result->cgroups_removed;
        receipt.files_removed += result->files_removed;
        receipt.bytes_removed += result->bytes_removed;
        receipt.residue = std::move(result->residue);
        if (result->out_of_memory && work->reason == cleanup_reason::failed_state)
            work->reason = cleanup_reason::out_of_memory;
    } else {
        receipt.residue.push_back({"environment", work->id, result.error().message});
    }
    if (receipt.residue.empty())
        if (auto found = held_.find(work->id); found != held_.end()) {
            if (auto crossed_out = journal_->done(found->second.intents); !crossed_out)
                receipt.residue.push_back({"journal", work->id, crossed_out.error().message});
            else
                held_.erase(found);
        }
    finish(work);
}

void reaper_behavior::finish(const std::shared_ptr<teardown>& work) {
    auto& receipt = work->receipt;
    receipt.environment_id = work->id;
    receipt.environment_name = work->environment_name;
    receipt.reason = work->reason;
    receipt.finished_at = std::chrono::system_clock::now();
    receipt.duration = std::chrono::steady_clock::now() - work->began;
    // With something left as well: who finishes it then knows why it had to end. The environment is as gone
    // as it is whether or not its end can be noted.
    (void)journal_->environment_ended(work->id, work->reason, to_json_value(receipt));
    if (auto done = std::exchange(work->done, nullptr)) {
        done(receipt);
    } else if (receipt.clean() && work->told) {
        caf_compat::send_anonymously(shared_->supervisor, torn_down_atom_v, receipt);
    }
    if (receipt.clean())
        return;
    // What is left is tried again until it is gone, less and less often.
    auto pause = work->pause;
    work->pause = std::min(work->pause * 2, longest_pause);
    self_->run_delayed(pause, [this, work] {
        if (held_.contains(work->id)) // not finished by another attempt meanwhile
            end(work, std::chrono::milliseconds{0});
    });
}

// Of what no supervisor has asked for.
std::shared_ptr<reaper_behavior::teardown> reaper_behavior::orphan(const std::string& id) const {
    auto work = std::make_shared<teardown>();
    work->id = id;
    work->environment_name = held_.at(id).environment_name;
    work->began = std::chrono::steady_clock::now();
    work->told = false;
    return work;
}

caf::result<std::vector<teardown_receipt>> reaper_behavior::shut_down() {
    closing_ = true;
    std::vector<std::string> forgotten;
    for (const auto& [id, held] : held_)
        if (!held.ending)
            forgotten.push_back(id);
    if (forgotten.empty())
        return std::vector<teardown_receipt>{};
    auto done = self_->make_response_promise<std::vector<teardown_receipt>>();
    auto receipts = std::make_shared<std::vector<teardown_receipt>>();
    for (const auto& id : forgotten) {
        auto work = orphan(id);
        work->done = [done, receipts, all = forgotten.size()](const teardown_receipt& receipt) mutable {
            receipts->push_back(receipt);
            if (receipts->size() == all)
                done.deliver(std::move(*receipts));
        };
        end(work, std::chrono::milliseconds{0});
    }
    return done;
}

} // namespace gestvenv
