// SPDX-License-Identifier: MIT
// How the reaper undoes what it holds; how it has it made stands in reaper.cpp.
#include "actors/reaper.hpp"

#include "messages/caf/error.hpp"
#include "messages/json.hpp"
#include "system/journal/undo_order.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace gestvenv {

void reaper_state::end(const std::shared_ptr<teardown>& work, std::chrono::milliseconds grace) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    if (auto before = std::exchange(found->second.ending, work))
        before->pausing = false; // this attempt takes its place
    // The journal is this process's own, so only damage, or another program's writing, can bring one here.
    if (!found->second.not_understood.empty()) {
        protocol::ended nothing_done;
        nothing_done.residue = found->second.not_understood;
        return attempted(work, std::move(nothing_done));
    }
    if (found->second.launcher != shared_->launcher)
        return undo_by_path(work);
    begin_span(*work);
    shared_->machine->end({work->id, grace}, answer_for(work));
}

// Of the launcher's part in it.
void reaper_state::begin_span(teardown& work) {
    auto origin = take_origin(undoing_of(work.id));
    if (!origin)
        return; // tried again by itself: the operation has been answered
    work.at_launcher = span::begin("launcher: end", origin);
    work.at_launcher.set_environment(work.id, work.environment_name);
}

// A launcher that died meanwhile leaves the rest to the next one, of which word will come; an attempt that
// loses one after the other has failed, and those who wait for it hear of it.
std::function<void(outcome<protocol::ended>)> reaper_state::answer_for(std::shared_ptr<teardown> work) {
    return resume(self_, [this, work, asked = shared_->launcher.load()](outcome<protocol::ended> result) {
        bool lost = !result && result.error().code == error_code::launcher_crashed;
        if (!lost || ++work->interruptions >= most_interruptions) {
            work->interruptions = 0;
            attempted(work, std::move(result));
        } else if (asked == shared_->launcher) {
            interrupted_.push_back(work);
        } else {
            undo_by_path(work);
        }
    });
}

// A launcher where there is none, and through it the teardowns that the one before has left.
outcome<void> reaper_state::ensure_launcher() {
    outcome<void> ready;
    if (shared_->machine->launcher_is_lost()) {
        ++shared_->launcher;
        ready = shared_->machine->restart();
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

void reaper_state::undo_by_path(const std::shared_ptr<teardown>& work) {
    auto found = held_.find(work->id);
    if (found == held_.end())
        return attempted(work, protocol::ended{});
    // Its keeper went with the launcher, which may have been noticed before that.
    if (work->reason == cleanup_reason::failed_state)
        work->reason = cleanup_reason::launcher_crashed;
    begin_span(*work);
    shared_->machine->undo(undo_order::of(found->second.resources).by_launcher, answer_for(work));
}

void reaper_state::attempted(const std::shared_ptr<teardown>& work, outcome<protocol::ended> result) {
    auto& receipt = work->receipt;
    receipt.residue.clear();
    if (auto traced = std::exchange(work->at_launcher, {}); !result)
        traced.fail(result.error());
    if (result) {
        receipt.add(*result);
        receipt.unattributed.insert(receipt.unattributed.end(), result->unattributed.begin(),
                                    result->unattributed.end());
        receipt.residue = std::move(result->residue);
        if (result->out_of_memory && work->reason == cleanup_reason::failed_state) {
            work->reason = cleanup_reason::out_of_memory;
            receipt.limit = result->limit;
        }
    } else {
        receipt.residue.push_back({"environment", work->id, result.error().message});
    }
    if (receipt.residue.empty())
        if (auto found = held_.find(work->id); found != held_.end()) {
            std::vector<resource_id> intents;
            for (const auto& item : found->second.resources)
                intents.push_back(item.id);
            if (auto crossed_out = journal_->done(intents); !crossed_out)
                receipt.residue.push_back({"journal", work->id, crossed_out.error().message});
            else
                held_.erase(found);
        }
    finish(work);
}

void reaper_state::finish(const std::shared_ptr<teardown>& work) {
    auto& receipt = work->receipt;
    receipt.environment_id = work->id;
    receipt.environment_name = work->environment_name;
    receipt.reason = work->reason;
    receipt.finished_at = std::chrono::system_clock::now();
    receipt.duration = std::chrono::steady_clock::now() - work->began;
    // With something left as well: who finishes it then knows why it had to end. The environment is as gone
    // as it is whether or not its end can be noted.
    (void)journal_->environment_ended(work->id, work->reason, to_json_value(receipt));
    auto waiting = std::exchange(work->done, {});
    for (auto& done : waiting)
        done(receipt);
    if (waiting.empty() && receipt.clean() && work->told)
        caf_compat::send_anonymously(shared_->supervisor, torn_down_atom_v, receipt);
    if (receipt.clean())
        return;
    // What is left is tried again until it is gone, less and less often.
    auto pause = work->pause;
    work->pause = std::min(work->pause * 2, longest_pause);
    work->pausing = true;
    self_->run_delayed(pause, [this, work] {
        if (work->pausing && held_.contains(work->id)) // not begun or finished by another attempt meanwhile
            end(work, std::chrono::milliseconds{0});
    });
}

// Of what no supervisor has asked for.
std::shared_ptr<reaper_state::teardown> reaper_state::orphan(const std::string& id) const {
    auto work = std::make_shared<teardown>();
    work->id = id;
    work->environment_name = held_.at(id).environment_name;
    if (alone_)
        work->reason = cleanup_reason::emergency_shutdown;
    work->began = std::chrono::steady_clock::now();
    work->told = false;
    return work;
}

// What the supervisor has had undone it names itself, while it lives. Each that is undone here is tried once.
void reaper_state::undo_all(std::function<void(std::vector<teardown_receipt>)> done) {
    closing_ = true;
    struct progress {
        std::vector<teardown_receipt> receipts;
        std::size_t left = 1;
    };
    auto state = std::make_shared<progress>();
    auto one_less = [state, done = std::move(done)] {
        if (--state->left == 0)
            done(std::move(state->receipts));
    };
    std::vector<std::shared_ptr<teardown>> to_begin;
    for (const auto& [id, held] : held_) {
        auto work = held.ending;
        if (work && work->told && !alone_)
            continue;
        if (!work)
            work = to_begin.emplace_back(orphan(id));
        else if (work->pausing)
            to_begin.push_back(work);
        ++state->left;
        work->done.emplace_back([state, one_less](const teardown_receipt& receipt) {
            state->receipts.push_back(receipt);
            one_less();
        });
    }
    if (state->left > 1)
        (void)ensure_launcher(); // each teardown says why there is none
    for (const auto& work : to_begin)
        end(work, std::chrono::milliseconds{0});
    one_less();
}

void reaper_state::supervisor_ended() {
    alone_ = true;
    undo_all([](const std::vector<teardown_receipt>&) {});
}

} // namespace gestvenv
