// SPDX-License-Identifier: MIT
#include "actors/supervision/service_supervisor.hpp"

#include "actors/chance.hpp"
#include "actors/services.hpp"
#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "system/limits/thread_capacity.hpp"

#include <gestvenv/exceptions.hpp>

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace gestvenv {

namespace {

child_end end_of(const caf::error& reason) {
    if (reason.empty() || reason == caf::exit_reason::normal)
        return child_end::normal;
    return from_caf_error(reason).code == error_code::invalid_argument ? child_end::misconfigured
                                                                       : child_end::abnormal;
}

nlohmann::json describe(const child_specification& specification) {
    return {{"name", specification.name},
            {"restart", to_string(specification.restart)},
            {"shutdown_seconds", std::chrono::duration<double>{specification.shutdown}.count()}};
}

} // namespace

service_supervisor_state::service_supervisor_state(pointer self, supervision_settings settings,
                                                   std::vector<supervised_service> services,
                                                   supervision_listener listener)
    : self_(self), table_(settings), listener_(std::move(listener)) {
    for (auto& item : services) {
        starts_.emplace(item.specification.name, std::move(item.start));
        table_.add(std::move(item.specification));
    }
}

service_supervisor_actor::behavior_type service_supervisor_state::make_behavior() {
    end_on_exception(self_);
    for (const auto& child : table_.waiting())
        start(child, false);
    if (listener_.ready)
        listener_.ready(first_starts_);
    return {[this](child_down_atom, const std::string& child, std::uint64_t incarnation,
                   const caf::error& reason) -> caf::result<void> {
                down(child, incarnation, reason);
                return {};
            },
            [this](tree_atom) -> caf::result<std::string> { return tree().dump(); },
            [this](shutdown_atom) -> caf::result<std::vector<residue>> {
                auto done = self_->make_response_promise<std::vector<residue>>();
                waiting_for_end_.push_back(done);
                if (!ending_)
                    stop_in_turn(table_.stop_all());
                else if (running_.empty())
                    stop_next();
                return done;
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

service_supervisor_state::instant service_supervisor_state::now() const {
    return self_->clock().now();
}

void service_supervisor_state::start(const std::string& child, bool again) {
    running item;
    item.incarnation = next_incarnation_++;
    try {
        item.actor = starts_.at(child)();
    } catch (const ephemeral_exception& problem) {
        return not_started(child, problem.details(), again);
    } catch (const std::system_error& problem) { // its own thread, which CAF starts for it
        return not_started(child, thread_failure(problem.code().value()), again);
    } catch (const std::exception& problem) {
        return not_started(child, {error_code::actor_crashed, problem.what(), {}, {}}, again);
    }
    table_.started(child, now());
    caf_compat::on_down(item.actor, [supervisor = service_supervisor_actor{self_}, child,
                                     incarnation = item.incarnation](const caf::error& reason) {
        caf_compat::send_anonymously(supervisor, child_down_atom_v, child, incarnation, reason);
    });
    running_.insert_or_assign(child, std::move(item));
    if (again && listener_.restarted)
        listener_.restarted(child);
}

void service_supervisor_state::not_started(const std::string& child, const error& reason, bool again) {
    if (!again && first_starts_)
        first_starts_ = failure(reason);
    ended(child, reason.code == error_code::invalid_argument ? child_end::misconfigured : child_end::abnormal,
          reason);
}

void service_supervisor_state::down(const std::string& child, std::uint64_t incarnation,
                                    const caf::error& reason) {
    auto found = running_.find(child);
    if (found == running_.end() || found->second.incarnation != incarnation)
        return;
    bool asked_for = found->second.deadline.valid();
    if (asked_for)
        return gone(child, true);
    running_.erase(found);
    ended(child, end_of(reason),
          !reason.empty() ? from_caf_error(reason)
                          : error{error_code::actor_crashed, "it ended by itself", {}, {}});
}

void service_supervisor_state::ended(const std::string& child, child_end how, const error& reason) {
    if (ending_ || given_up_)
        return;
    auto decision = table_.ended(child, how, now(), chance());
    crash_report report;
    report.at = std::chrono::system_clock::now();
    report.child = child;
    report.reason = reason;
    report.specification = describe(table_.find(child)->specification).dump();
    report.decision = decision.why;
    if (listener_.crashed)
        listener_.crashed(std::move(report));
    if (decision.give_up) {
        given_up_ = true;
        if (listener_.gave_up)
            listener_.gave_up(child + ": " + decision.why);
        return;
    }
    for (const auto& other : decision.stop)
        stop(other);
    if (!decision.restart_after)
        return;
    start_not_before_ =
        std::max(start_not_before_, now() + std::chrono::ceil<instant::duration>(*decision.restart_after));
    self_->run_delayed(*decision.restart_after, [this] { start_waiting(); });
}

void service_supervisor_state::start_waiting() {
    if (ending_ || given_up_ || table_.stopping() || now() < start_not_before_)
        return;
    for (const auto& child : table_.waiting())
        if (!given_up_)
            start(child, true);
}

void service_supervisor_state::stop(const std::string& child) {
    auto found = running_.find(child);
    if (found == running_.end())
        return gone(child, true);
    auto deadline = table_.find(child)->specification.shutdown;
    auto incarnation = found->second.incarnation;
    found->second.deadline = self_->run_delayed(deadline, [this, child, incarnation] {
        auto late = running_.find(child);
        if (late != running_.end() && late->second.incarnation == incarnation)
            gone(child, false);
    });
    caf::anon_send_exit(found->second.actor, caf::exit_reason::user_shutdown);
}

void service_supervisor_state::gone(const std::string& child, bool in_time) {
    if (auto found = running_.find(child); found != running_.end()) {
        if (found->second.deadline.valid())
            found->second.deadline.dispose();
        if (!in_time) {
            caf::anon_send_exit(found->second.actor, caf::exit_reason::kill);
            left_.push_back({"actor", child, "it did not stop in time"});
        }
        running_.erase(found);
    }
    table_.stopped(child, now());
    if (ending_)
        return stop_next();
    start_waiting();
}

void service_supervisor_state::stop_in_turn(std::vector<std::string> names) {
    ending_ = true;
    to_stop_.assign(names.begin(), names.end());
    whole_deadline_ = self_->run_delayed(whole, [this] {
        for (const auto& [child, item] : std::exchange(running_, {})) {
            caf::anon_send_exit(item.actor, caf::exit_reason::kill);
            left_.push_back({"actor", child, "there was no time left to stop it"});
        }
        to_stop_.clear();
        stop_next();
    });
    stop_next();
}

void service_supervisor_state::stop_next() {
    if (!to_stop_.empty()) {
        auto child = std::move(to_stop_.front());
        to_stop_.pop_front();
        return stop(child);
    }
    whole_deadline_.dispose();
    for (auto& done : std::exchange(waiting_for_end_, {}))
        done.deliver(left_);
}

nlohmann::json service_supervisor_state::tree() const {
    auto children = nlohmann::json::array();
    for (const auto& item : table_.children()) {
        auto entry = describe(item.specification);
        entry["state"] = to_string(item.state);
        entry["restarts"] = item.restarts;
        children.push_back(std::move(entry));
    }
    return {{"name", name},
            {"strategy", to_string(table_.settings().strategy)},
            {"intensity", table_.settings().intensity},
            {"period_seconds", std::chrono::duration<double>{table_.settings().period}.count()},
            {"children", std::move(children)}};
}

service_supervisor_actor spawn_service_supervisor(caf::actor_system& system, supervision_settings settings,
                                                  std::vector<supervised_service> services,
                                                  supervision_listener listener) {
    return system.spawn<service_supervisor_actor::stateful_impl<service_supervisor_state>>(
        settings, std::move(services), std::move(listener));
}

} // namespace gestvenv
