// SPDX-License-Identifier: MIT
// How the supervisor ends environments: asked to, by a deadline, after a crash, and all of them.
#include "actors/supervisor.hpp"

#include "messages/caf/error.hpp"
#include "messages/json.hpp"
#include "system/redaction.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace gestvenv {

caf::result<teardown_receipt> supervisor_state::destroy(const std::string& wanted, cleanup_reason reason,
                                                        bool force) {
    // What has ended by itself meanwhile is as gone as was asked for.
    if (const auto* receipt = ended_.find(wanted))
        return *receipt;
    auto id = find(wanted);
    if (!id)
        return to_caf_error(id.error());
    auto done = self_->make_response_promise<teardown_receipt>();
    auto& item = children_.at(*id);
    auto finish = [done](const teardown_receipt& receipt) mutable { done.deliver(receipt); };
    if (force || item.now != stage::alive) {
        end(*id, reason, finish);
        return done;
    }
    // Only the environment knows whether it is busy; its answer and its refusal of new work are one step.
    caf_compat::request(self_, item.actor, deadlines::step, stop_atom_v, false)
        .then([this, id = *id, reason, finish](bool) { end(id, reason, finish); },
              [this, id = *id, reason, finish, done](const caf::error& problem) mutable {
                  if (from_caf_error(problem).code == error_code::environment_busy) {
                      (void)take_origin(teardown_of(id)); // its end, when it comes, is another's
                      return done.deliver(problem);
                  }
                  end(id, reason, finish);
              });
    return done;
}

void supervisor_state::expire(const std::string& id, cleanup_reason reason) {
    auto found = children_.find(id);
    if (found == children_.end() || found->second.now != stage::alive)
        return;
    auto end_now = [this, id, reason] { end(id, reason, [](const teardown_receipt&) {}); };
    caf_compat::request(self_, found->second.actor, deadlines::step, expire_atom_v, reason)
        .then(
            [this, id, reason, end_now](caf::timespan left) {
                if (left == caf::timespan::zero())
                    return end_now();
                caf_compat::send_anonymously(shared_->scheduler(), schedule_atom_v, id, reason, left);
            },
            // An environment that cannot answer is torn down by its actor's end, or has no say in this.
            [this, id, end_now](const caf::error&) {
                auto item = children_.find(id);
                if (item != children_.end() && item->second.now == stage::alive)
                    end_now();
            });
}

void supervisor_state::check_deadlines() {
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        if (item.now == stage::alive)
            ids.push_back(id);
    for (const auto& id : ids)
        for (auto reason : {cleanup_reason::failed_state, cleanup_reason::ttl_expired,
                            cleanup_reason::force_cleanup_old, cleanup_reason::inactive_timeout})
            expire(id, reason);
}

void supervisor_state::child_down(const std::string& id, std::uint64_t incarnation,
                                  const caf::error& reason) {
    auto found = children_.find(id);
    if (found == children_.end() || found->second.incarnation != incarnation)
        return;
    auto& item = found->second;
    if (item.now != stage::creating && item.now != stage::alive)
        return;
    crash_report report;
    report.at = std::chrono::system_clock::now();
    report.child = "environment";
    report.environment_id = id;
    report.environment_name = item.specification.asked.name;
    report.reason = !reason.empty() ? from_caf_error(reason)
                                    : error{error_code::actor_crashed, "the actor ended by itself", {}, {}};
    report.specification = without_secrets(to_json_value(complete(item.specification)).dump());
    report.last_events = shared_->events->last(crash_report::most_events, id);
    report.decision = "torn down; an environment is never started again";
    shared_->events->publish(event_kind::environment_failed, id, item.specification.asked.name,
                             "its actor crashed: " + report.reason.message);
    item.info->change([](environment_info& info) { info.status = environment_status::failed; });
    auto failed = report.reason;
    note_crash(std::move(report));
    if (item.creating)
        return not_created(id, failed);
    end(id, cleanup_reason::actor_crashed, [](const teardown_receipt&) {});
}

void supervisor_state::end(const std::string& id, cleanup_reason reason, receipt_handler done) {
    auto found = children_.find(id);
    if (found == children_.end()) {
        teardown_receipt receipt;
        receipt.environment_id = id;
        receipt.reason = reason;
        return done(receipt);
    }
    auto& item = found->second;
    // The reaper goes on by itself, less and less often; at the end there is no later.
    if (item.now == stage::stuck && !shutting_down_)
        return done(item.last);
    item.waiting.push_back(std::move(done));
    if (item.now == stage::ending)
        return;
    item.now = stage::ending;
    item.reason = reason;
    begin_span_of_end(id, item);
    // Its answer is of no interest: what cannot hear us is torn down all the same.
    if (item.actor)
        caf_compat::send_anonymously(item.actor, stop_atom_v, true);
    tear_down(id);
}

// An end that no request asks for, or whose request names no trace, begins a trace of its own: the creation may be
// hours ago.
void supervisor_state::begin_span_of_end(const std::string& id, child& item) {
    auto asked = take_origin(teardown_of(id));
    item.ended = span::begin("destroy", asked);
    item.ended.set_environment(id, item.specification.asked.name);
    item.ended.set("reason", to_string(item.reason));
    if ((!asked || !asked->is_child()) && item.info->creation())
        item.ended.follow(item.info->creation()->context);
}

void supervisor_state::tear_down(const std::string& id) {
    auto& item = children_.at(id);
    note_origin(undoing_of(id), item.ended.origin());
    item.deadline = now() + deadlines::teardown;
    item.unheard.clear();
    keep_watch();
    caf_compat::send_anonymously(shared_->scheduler(), forget_atom_v, id);
    caf_compat::request(self_, shared_->reaper(), caf::infinite, tear_down_atom_v, id,
                        item.specification.asked.name, item.reason,
                        caf::timespan{shared_->config()->stop_grace})
        .then([this, id](const teardown_receipt& receipt) { torn_down(id, receipt); },
              [this, id](const caf::error& problem) {
                  // Without a reaper: its successor is asked, and the deadline answers those who wait.
                  auto entry = children_.find(id);
                  if (entry == children_.end())
                      return;
                  entry->second.unheard = from_caf_error(problem).message;
                  if (shutting_down_)
                      not_torn_down(id);
              });
}

void supervisor_state::not_torn_down(const std::string& id) {
    const auto& item = children_.at(id);
    teardown_receipt receipt;
    receipt.environment_id = id;
    receipt.environment_name = item.specification.asked.name;
    receipt.reason = item.reason;
    receipt.residue.push_back({"environment", id, item.unheard});
    // Its processes end with the launcher; what was asked of it would be answered no more.
    if (item.actor)
        caf_compat::send_anonymously(item.actor, forget_atom_v);
    torn_down(id, receipt);
}

void supervisor_state::torn_down(const std::string& id, const teardown_receipt& receipt) {
    auto found = children_.find(id);
    if (found == children_.end())
        return;
    auto& item = found->second;
    auto waiting = std::exchange(item.waiting, {});
    auto creating = std::exchange(item.creating, std::nullopt);
    auto environment_name = item.specification.asked.name;
    auto ended = std::exchange(item.ended, {});
    if (receipt.clean()) {
        ended.end();
        admission_.release(id);
        caf_compat::send_anonymously(shared_->monitor(), forget_atom_v, id);
        if (item.actor)
            caf_compat::send_anonymously(item.actor, forget_atom_v);
        children_.erase(found);
        shared_->turns->forget(id);
        ended_.add(receipt);
        shared_->events->publish(event_kind::environment_gone, id, environment_name,
                                 std::string{to_string(receipt.reason)});
    } else {
        // The reservation stays: what is left still takes room. The reaper goes on.
        item.now = stage::stuck;
        item.deadline = instant::max();
        item.last = receipt;
        const auto& left = receipt.residue.front();
        ended.fail({error_code::cleanup_incomplete,
                    fmt::format("{} {}: {}", left.kind, left.name, left.why),
                    environment_name,
                    {}});
        shared_->events->publish(event_kind::residue_left, id, environment_name,
                                 fmt::format("{} {}: {}", left.kind, left.name, left.why));
    }
    if (creating)
        creating->deliver(to_caf_error({error_code::environment_gone,
                                        "the environment was ended while it was being created",
                                        environment_name,
                                        {}}));
    for (auto& item_done : waiting)
        item_done(receipt);
    admit_waiting();
}

void supervisor_state::end_all(cleanup_reason reason) {
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids)
        end(id, reason, [](const teardown_receipt&) {});
}

caf::result<std::vector<teardown_receipt>> supervisor_state::shut_down(cleanup_reason reason) {
    if (!shutting_down_)
        shared_->events->publish(event_kind::runtime_ending, {}, {}, std::string{to_string(reason)});
    shutting_down_ = true;
    refuse_waiting({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    auto done = self_->make_response_promise<std::vector<teardown_receipt>>();
    auto receipts = std::make_shared<std::vector<teardown_receipt>>();
    auto left = std::make_shared<std::size_t>(children_.size());
    if (*left == 0)
        undo_leftovers(receipts, done);
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids)
        end(id, reason, [this, done, receipts, left](const teardown_receipt& receipt) {
            receipts->push_back(receipt);
            if (--*left == 0)
                undo_leftovers(receipts, done);
        });
    for (auto& [id, item] : children_)
        item.deadline = std::min(item.deadline, now() + deadlines::teardown_in_shutdown);
    return done;
}

// What the services have had made for themselves, and whatever else has not been undone on request.
void supervisor_state::undo_leftovers(std::shared_ptr<std::vector<teardown_receipt>> receipts,
                                      caf::typed_response_promise<std::vector<teardown_receipt>> done) {
    caf_compat::request(self_, shared_->reaper(), deadlines::undo_leftovers, shutdown_atom_v)
        .then(
            [receipts, done](std::vector<teardown_receipt>& swept) mutable {
                std::move(swept.begin(), swept.end(), std::back_inserter(*receipts));
                done.deliver(std::move(*receipts));
            },
            // Without a reaper the journal knows, and the launcher undoes it at its end.
            [receipts, done](const caf::error&) mutable { done.deliver(std::move(*receipts)); });
}

void supervisor_state::launcher_lost() {
    const bool hopeless = !launcher_restarts_.note(now());
    if (hopeless && shutting_down_)
        return; // what is left is named at the end, and finished by the next start
    // First a new launcher, then the environments one by one through it: their processes are dead, their
    // folders not.
    auto end_all_now = [this, hopeless] {
        if (hopeless)
            give_up(fmt::format("the launcher has ended more than {} times within {} s",
                                most_launcher_restarts, launcher_restart_period.count()));
        else
            end_all(cleanup_reason::launcher_crashed);
    };
    caf_compat::request(self_, shared_->reaper(), deadlines::step, launcher_lost_atom_v)
        .then(end_all_now, [end_all_now](const caf::error&) { end_all_now(); });
}

} // namespace gestvenv
