// SPDX-License-Identifier: MIT
// The supervisor's half that deals with environments: how they are admitted, made, ended.
#include "actors/supervisor.hpp"

#include "actors/environment.hpp"
#include "actors/supported.hpp"
#include "messages/caf_error.hpp"
#include "messages/json.hpp"
#include "messages/validation.hpp"
#include "system/python/requirement.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace gestvenv {

// --- creation
// -----------------------------------------------------------------------------------------------------

outcome<environment_spec> supervisor_behavior::complete(environment_spec spec) const {
    if (auto valid = validate(spec); !valid)
        return failure(valid.error());
    if (auto valid = python::validate_packages(spec.packages); !valid)
        return failure(valid.error());
    auto config = shared_->config();
    spec.package_backend = spec.package_backend.value_or(config->default_backend);
    spec.isolation = spec.isolation.value_or(config->default_isolation_level);
    spec.security = spec.security.value_or(config->default_security_mode);
    spec.storage_backend = spec.storage_backend.value_or(config->storage_backend);
    spec.ttl = spec.ttl.value_or(config->default_ttl);
    if (auto supported = check_supported(spec, shared_->host->greeting()); !supported)
        return failure(supported.error());
    if (!spec.name.empty() && is_taken(spec.name))
        return failure(error{error_code::name_in_use,
                             "an environment named '" + spec.name + "' exists already", spec.name,
                             "choose another name, or destroy that one first"});
    return spec;
}

bool supervisor_behavior::is_taken(const std::string& environment_name) const {
    return std::any_of(
               children_.begin(), children_.end(),
               [&](const auto& item) { return item.second.specification.name == environment_name; }) ||
           std::any_of(queue_.begin(), queue_.end(),
                       [&](const auto& item) { return item.specification.name == environment_name; });
}

caf::result<environment_info> supervisor_behavior::create(std::string id, environment_spec wanted) {
    if (shutting_down_)
        return to_caf_error({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    if (id.empty() || children_.contains(id))
        return to_caf_error(
            {error_code::invalid_argument, "the id of an environment must be a new one", {}, {}});
    // The idle time has its default only where no time to live is given.
    if (!wanted.max_idle_time)
        wanted.max_idle_time = wanted.ttl ? unlimited : default_idle_time;
    auto spec = complete(std::move(wanted));
    if (!spec)
        return to_caf_error(spec.error());
    if (spec->name.empty())
        spec->name = "env-" + id.substr(0, 8);
    auto refuse = [&spec](error reason) {
        reason.environment = spec->name;
        return to_caf_error(reason);
    };
    auto wants = reservation_for(*spec, *spec->storage_backend);
    auto reserved = queue_.empty() ? admission_.reserve(id, wants)
                                   : failure(error_code::resources_exhausted,
                                             fmt::format("{} creations wait for room already", queue_.size()),
                                             "wait as well: set wait_for_room");
    if (!reserved) {
        if (!spec->wait_for_room || queue_.size() >= most_waiting)
            return refuse(reserved.error());
        if (auto possible = admission_.check_possible(wants); !possible)
            return refuse(possible.error());
    }
    auto done = self_->make_response_promise<environment_info>();
    if (reserved) {
        start(id, std::move(*spec), done);
        return done;
    }
    auto deadline = now() + *spec->wait_for_room;
    queue_.push_back({std::move(id), std::move(*spec), deadline, done});
    keep_watch();
    return done;
}

void supervisor_behavior::start(const std::string& id, environment_spec spec, creator done) {
    // The reaper writes the intent while the environment's actor is set up.
    caf_compat::send_anonymously(shared_->reaper(), intend_atom_v, storage_request_for(id, spec));
    child item;
    item.info = std::make_shared<shared_info>(first_info(id, spec));
    item.specification = spec;
    item.incarnation = next_incarnation_++;
    item.creating = done;
    item.deadline = now() + limits::whole_creation(spec);
    children_.insert_or_assign(id, std::move(item));
    keep_watch();
    auto& entry = children_.at(id);
    try {
        entry.actor = spawn_environment(self_->system(), shared_, std::move(spec), entry.info);
    } catch (const std::exception& problem) {
        // A throwing constructor throws out of spawn.
        return not_created(id, {error_code::creation_failed,
                                std::string{"the environment's actor cannot be started: "} + problem.what(),
                                entry.specification.name,
                                {}});
    }
    shared_->events->publish(event_kind::environment_created, id, entry.specification.name, {});
    caf_compat::on_down(entry.actor, [supervisor = supervisor_actor{self_}, id,
                                      incarnation = entry.incarnation](const caf::error& reason) {
        caf_compat::send_anonymously(supervisor, child_down_atom_v, id, incarnation, reason);
    });
    // Without a deadline of its own: the tick watches over it.
    caf_compat::request(self_, entry.actor, caf::infinite, create_atom_v)
        .then([this, id](environment_info& info) { created(id, std::move(info)); },
              [this, id](const caf::error& reason) { not_created(id, from_caf_error(reason)); });
}

void supervisor_behavior::created(const std::string& id, environment_info info) {
    auto found = children_.find(id);
    // One that was ended while it was being made is answered when it is gone.
    if (found == children_.end() || found->second.now != stage::creating || !found->second.creating)
        return;
    auto& item = found->second;
    item.now = stage::alive;
    item.deadline = instant::max();
    auto done = *std::exchange(item.creating, std::nullopt);
    done.deliver(std::move(info));
    caf_compat::send_anonymously(shared_->monitor(), watch_atom_v, id, item.specification);
    shared_->events->publish(event_kind::environment_ready, id, item.specification.name, {});
}

void supervisor_behavior::not_created(const std::string& id, const error& reason) {
    auto found = children_.find(id);
    if (found == children_.end() || !found->second.creating)
        return;
    shared_->events->publish(event_kind::environment_failed, id, found->second.specification.name,
                             reason.message);
    // Answered when nothing half-made is left.
    auto done = *std::exchange(found->second.creating, std::nullopt);
    end(id, reason.code == error_code::cancelled ? cleanup_reason::requested : cleanup_reason::failed_state,
        [done, reason](const teardown_receipt&) mutable { done.deliver(to_caf_error(reason)); });
}

void supervisor_behavior::cancel(const std::string& id) {
    const error taken_back{error_code::cancelled, "the creation was taken back", {}, {}};
    auto waiting =
        std::find_if(queue_.begin(), queue_.end(), [&id](const candidate& item) { return item.id == id; });
    if (waiting != queue_.end()) {
        auto done = waiting->done;
        queue_.erase(waiting);
        done.deliver(to_caf_error(taken_back));
        return admit_waiting();
    }
    not_created(id, taken_back);
}

void supervisor_behavior::admit_waiting() {
    while (!queue_.empty() && !shutting_down_) {
        auto& first = queue_.front();
        if (!admission_.reserve(first.id,
                                reservation_for(first.specification, *first.specification.storage_backend)))
            return;
        auto item = std::move(first);
        queue_.pop_front();
        start(item.id, std::move(item.specification), item.done);
    }
}

void supervisor_behavior::refuse_waiting(const error& reason) {
    for (auto& item : std::exchange(queue_, {}))
        item.done.deliver(to_caf_error(reason));
}

// --- the end
// ------------------------------------------------------------------------------------------------------

caf::result<teardown_receipt> supervisor_behavior::destroy(const std::string& wanted, cleanup_reason reason,
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
    caf_compat::request(self_, item.actor, limits::step, stop_atom_v, false)
        .then([this, id = *id, reason, finish](bool) { end(id, reason, finish); },
              [this, id = *id, reason, finish, done](const caf::error& problem) mutable {
                  if (from_caf_error(problem).code == error_code::environment_busy)
                      return done.deliver(problem);
                  end(id, reason, finish);
              });
    return done;
}

void supervisor_behavior::expire(const std::string& id, cleanup_reason reason) {
    auto found = children_.find(id);
    if (found == children_.end() || found->second.now != stage::alive)
        return;
    auto end_now = [this, id, reason] { end(id, reason, [](const teardown_receipt&) {}); };
    caf_compat::request(self_, found->second.actor, limits::step, expire_atom_v, reason)
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

void supervisor_behavior::sweep() {
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        if (item.now == stage::alive)
            ids.push_back(id);
    for (const auto& id : ids)
        for (auto reason : {cleanup_reason::failed_state, cleanup_reason::ttl_expired,
                            cleanup_reason::force_cleanup_old, cleanup_reason::inactive_timeout})
            expire(id, reason);
}

void supervisor_behavior::child_down(const std::string& id, std::uint64_t incarnation,
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
    report.environment_name = item.specification.name;
    report.reason = !reason.empty() ? from_caf_error(reason)
                                    : error{error_code::actor_crashed, "the actor ended by itself", {}, {}};
    report.specification = to_json_value(item.specification).dump();
    report.last_events = shared_->events->last(crash_report::most_events, id);
    report.decision = "torn down; an environment is never started again";
    shared_->events->publish(event_kind::environment_failed, id, item.specification.name,
                             "its actor crashed: " + report.reason.message);
    item.info->change([](environment_info& info) { info.status = environment_status::failed; });
    auto failed = report.reason;
    note_crash(std::move(report));
    if (item.creating)
        return not_created(id, failed);
    end(id, cleanup_reason::actor_crashed, [](const teardown_receipt&) {});
}

void supervisor_behavior::end(const std::string& id, cleanup_reason reason, receipt_handler done) {
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
    // Its answer is of no interest: what cannot hear us is torn down all the same.
    if (item.actor)
        caf_compat::send_anonymously(item.actor, stop_atom_v, true);
    tear_down(id);
}

void supervisor_behavior::tear_down(const std::string& id) {
    auto& item = children_.at(id);
    item.deadline = now() + limits::teardown;
    keep_watch();
    caf_compat::send_anonymously(shared_->scheduler(), forget_atom_v, id);
    caf_compat::request(self_, shared_->reaper(), caf::infinite, tear_down_atom_v, id,
                        item.specification.name, item.reason, caf::timespan{shared_->config()->stop_grace})
        .then([this, id](const teardown_receipt& receipt) { torn_down(id, receipt); },
              [this, id](const caf::error& problem) {
                  // Without a reaper: its successor is asked, and the deadline answers those who wait.
                  auto entry = children_.find(id);
                  if (!shutting_down_ || entry == children_.end())
                      return;
                  teardown_receipt receipt;
                  receipt.environment_id = id;
                  receipt.environment_name = entry->second.specification.name;
                  receipt.reason = entry->second.reason;
                  receipt.residue.push_back({"environment", id, from_caf_error(problem).message});
                  torn_down(id, receipt);
              });
}

void supervisor_behavior::torn_down(const std::string& id, const teardown_receipt& receipt) {
    auto found = children_.find(id);
    if (found == children_.end())
        return;
    auto& item = found->second;
    auto waiting = std::exchange(item.waiting, {});
    auto creating = std::exchange(item.creating, std::nullopt);
    auto environment_name = item.specification.name;
    if (receipt.clean()) {
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

void supervisor_behavior::end_all(cleanup_reason reason) {
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids)
        end(id, reason, [](const teardown_receipt&) {});
}

caf::result<std::vector<teardown_receipt>> supervisor_behavior::shut_down(cleanup_reason reason) {
    if (!shutting_down_)
        shared_->events->publish(event_kind::runtime_ending, {}, {}, std::string{to_string(reason)});
    shutting_down_ = true;
    refuse_waiting({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    auto done = self_->make_response_promise<std::vector<teardown_receipt>>();
    auto receipts = std::make_shared<std::vector<teardown_receipt>>();
    auto left = std::make_shared<std::size_t>(children_.size());
    if (*left == 0)
        sweep(receipts, done);
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids)
        end(id, reason, [this, done, receipts, left](const teardown_receipt& receipt) {
            receipts->push_back(receipt);
            if (--*left == 0)
                sweep(receipts, done);
        });
    for (auto& [id, item] : children_)
        item.deadline = std::min(item.deadline, now() + limits::teardown_in_shutdown);
    return done;
}

// What the services have had made for themselves, and whatever else nobody has had undone.
void supervisor_behavior::sweep(std::shared_ptr<std::vector<teardown_receipt>> receipts,
                                caf::typed_response_promise<std::vector<teardown_receipt>> done) {
    caf_compat::request(self_, shared_->reaper(), limits::sweep, shutdown_atom_v)
        .then(
            [receipts, done](std::vector<teardown_receipt>& swept) mutable {
                std::move(swept.begin(), swept.end(), std::back_inserter(*receipts));
                done.deliver(std::move(*receipts));
            },
            // Without a reaper the journal knows, and the launcher undoes it at its end.
            [receipts, done](const caf::error&) mutable { done.deliver(std::move(*receipts)); });
}

void supervisor_behavior::launcher_lost() {
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
    caf_compat::request(self_, shared_->reaper(), limits::step, launcher_lost_atom_v)
        .then(end_all_now, [end_all_now](const caf::error&) { end_all_now(); });
}

} // namespace gestvenv
