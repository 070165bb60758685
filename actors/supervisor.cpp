// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"

#include "actors/environment.hpp"
#include "actors/supported.hpp"
#include "messages/caf/error.hpp"
#include "messages/json.hpp"
#include "messages/validation.hpp"
#include "system/python/requirement.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace gestvenv {

supervisor_state::supervisor_state(pointer self, std::shared_ptr<services> shared)
    : self_(self), shared_(std::move(shared)), admission_(*shared_->config()) {}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
    end_on_exception(self_);
    return {[this](create_atom, std::string& id, environment_spec& spec) {
                return create(std::move(id), std::move(spec));
            },
            [this](cancel_atom, const std::string& id) -> caf::result<void> {
                cancel(id);
                return {};
            },
            [this](execute_atom, const std::string& wanted, command_spec& command,
                   output_receiver& receiver) -> caf::result<operation_result> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, execute_atom_v, std::move(command),
                                            std::move(receiver));
            },
            [this](install_atom, const std::string& wanted,
                   install_request& request) -> caf::result<install_result> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, install_atom_v, std::move(request));
            },
            [this](uninstall_atom, const std::string& wanted,
                   uninstall_request& request) -> caf::result<install_result> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, uninstall_atom_v, std::move(request));
            },
            [this](packages_atom, const std::string& wanted) -> caf::result<std::vector<installed_package>> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, packages_atom_v);
            },
            [this](destroy_atom, const std::string& wanted, cleanup_reason reason, bool force) {
                return destroy(wanted, reason, force);
            },
            [this](expire_atom, const std::string& id, cleanup_reason reason) -> caf::result<void> {
                expire(id, reason);
                return {};
            },
            [this](sweep_atom) -> caf::result<void> {
                check_deadlines();
                return {};
            },
            [this](touch_atom, const std::string& wanted) -> caf::result<void> {
                auto found = find_alive(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, *found, touch_atom_v);
            },
            [this](find_atom, const std::string& wanted) -> caf::result<environment_info> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, children_.at(*found).actor, find_atom_v);
            },
            [this](list_atom) -> caf::result<std::vector<environment_info>> { return list(); },
            [this](child_atom, const std::string& wanted) -> caf::result<environment_actor> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return children_.at(*found).actor;
            },
            [this](usage_atom) -> caf::result<resource_usage> {
                return caf_compat::delegate(self_, shared_->monitor(), usage_atom_v);
            },
            [this](usage_atom, const std::string& wanted) -> caf::result<usage_sample> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, shared_->monitor(), usage_atom_v, std::move(*found));
            },
            [this](history_atom, const std::string& wanted,
                   std::uint64_t most) -> caf::result<std::vector<usage_sample>> {
                auto found = find(wanted);
                if (!found)
                    return to_caf_error(found.error());
                return caf_compat::delegate(self_, shared_->monitor(), history_atom_v, std::move(*found),
                                            most);
            },
            [this](processes_atom, const std::string& wanted, std::uint64_t most) {
                return processes_of(wanted, most);
            },
            [this](configure_atom, runtime_config& config) { return configure(std::move(config)); },
            [this](shutdown_atom, cleanup_reason reason) { return shut_down(reason); },
            [this](launcher_lost_atom) -> caf::result<void> {
                launcher_lost();
                return {};
            },
            [this](child_down_atom, const std::string& id, std::uint64_t incarnation,
                   const caf::error& reason) -> caf::result<void> {
                child_down(id, incarnation, reason);
                return {};
            },
            [this](torn_down_atom, const teardown_receipt& receipt) -> caf::result<void> {
                torn_down(receipt.environment_id, receipt);
                return {};
            },
            [this](crash_atom, crash_report& report) -> caf::result<void> {
                shared_->events->publish(
                    event_kind::service_crashed, {}, {},
                    fmt::format("{}: {}; {}", report.child, report.reason.message, report.decision));
                report.last_events = shared_->events->last(crash_report::most_events);
                note_crash(std::move(report));
                return {};
            },
            [this](restarted_atom, const std::string& service) -> caf::result<void> {
                service_restarted(service);
                return {};
            },
            [this](give_up_atom, const std::string& why) -> caf::result<void> {
                give_up(why);
                return {};
            },
            [this](crash_atom) -> caf::result<std::vector<crash_report>> {
                return std::vector<crash_report>{crashes_.begin(), crashes_.end()};
            },
            [this](tree_atom) -> caf::result<std::string> { return tree(); },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

supervisor_state::instant supervisor_state::now() const {
    return self_->clock().now();
}

// Deadlines.

void supervisor_state::keep_watch() {
    if (watching_)
        return;
    watching_ = true;
    self_->run_delayed(resolution, [this] { watch(); });
}

void supervisor_state::watch() {
    watching_ = false;
    auto time = now();
    std::vector<std::string> late;
    bool more = !queue_.empty();
    for (const auto& [id, item] : children_) {
        if (item.deadline <= time)
            late.push_back(id);
        else if (item.deadline != instant::max())
            more = true;
    }
    for (const auto& id : late) {
        auto& item = children_.at(id);
        if (item.now == stage::creating) {
            auto waited = shared_->turns->waited(id, time) - item.waited;
            item.waited += waited;
            item.deadline += waited;
            more = true;
            if (item.deadline > time)
                continue;
        }
        item.deadline = instant::max();
        if (item.now == stage::creating) {
            not_created(id, {error_code::deadline_exceeded,
                             fmt::format("the environment was not ready within {} s",
                                         std::chrono::duration_cast<std::chrono::seconds>(
                                             deadlines::whole_creation(item.specification))
                                             .count()),
                             item.specification.asked.name, "try again; the machine may be very busy"});
            continue;
        }
        teardown_receipt receipt;
        receipt.environment_id = id;
        receipt.environment_name = item.specification.asked.name;
        receipt.reason = item.reason;
        receipt.residue.push_back({"environment", id, "its teardown has not ended in time; it goes on"});
        torn_down(id, receipt);
    }
    // In the order of arrival, but each has a deadline of its own.
    std::deque<candidate> waiting;
    for (auto& item : std::exchange(queue_, {})) {
        if (item.deadline > time) {
            waiting.push_back(std::move(item));
            continue;
        }
        const error full{error_code::resources_exhausted,
                         "there was no room for the environment in the time it was to wait",
                         item.specification.asked.name,
                         "wait longer, destroy an environment, or raise the limits"};
        item.made.fail(full);
        item.done.deliver(to_caf_error(full));
    }
    queue_ = std::move(waiting);
    admit_waiting();
    if (more)
        keep_watch();
}

// The services.

void supervisor_state::service_restarted(const std::string& service) {
    shared_->events->publish(event_kind::service_restarted, {}, {}, service);
    std::vector<std::string> ids;
    for (const auto& [id, item] : children_)
        ids.push_back(id);
    for (const auto& id : ids) {
        auto& item = children_.at(id);
        if (service == "reaper") {
            // What was asked of the one before has no answer any more.
            if (item.now == stage::creating)
                not_created(id, {error_code::creation_failed,
                                 "the environment was being made when the runtime's reaper crashed",
                                 item.specification.asked.name, "try again"});
            else if (item.now == stage::ending || item.now == stage::stuck)
                tear_down(id);
        } else if (service == "cleanup_scheduler" && item.now == stage::alive) {
            // It has forgotten all deadlines; the environment answers what is left of each.
            for (auto reason : {cleanup_reason::ttl_expired, cleanup_reason::force_cleanup_old,
                                cleanup_reason::inactive_timeout})
                expire(id, reason);
        } else if (service == "installer" && item.actor) {
            caf_compat::send_anonymously(item.actor, restarted_atom_v, service);
        } else if (service == "monitor" && item.now == stage::alive) {
            caf_compat::send_anonymously(shared_->monitor(), watch_atom_v, id, item.specification);
        }
    }
}

void supervisor_state::note_crash(crash_report report) {
    crashes_.push_back(std::move(report));
    if (crashes_.size() > most_crash_reports)
        crashes_.pop_front();
}

void supervisor_state::give_up(const std::string& why) {
    if (shutting_down_)
        return;
    shared_->events->publish(event_kind::runtime_ending, {}, {}, why);
    shutting_down_ = true;
    refuse_waiting({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    end_all(cleanup_reason::emergency_shutdown);
    // Those that wait for the next reaper: there will be none.
    std::vector<std::string> unheard;
    for (const auto& [id, item] : children_)
        if (item.now == stage::ending && !item.unheard.empty())
            unheard.push_back(id);
    for (const auto& id : unheard)
        not_torn_down(id);
}

caf::result<void> supervisor_state::configure(runtime_config config) {
    if (auto valid = validate(config); !valid)
        return to_caf_error(valid.error());
    admission_.set_limits(config);
    shared_->config.set(std::make_shared<const runtime_config>(std::move(config)));
    caf_compat::send_anonymously(shared_->monitor(), configure_atom_v);
    caf_compat::send_anonymously(shared_->scheduler(), configure_atom_v);
    shared_->events->publish(event_kind::configuration_changed, {}, {}, "limits and intervals were changed");
    admit_waiting();
    return {};
}

caf::result<process_list> supervisor_state::processes_of(const std::string& wanted, std::uint64_t most) {
    auto found = find(wanted);
    if (!found)
        return to_caf_error(found.error());
    return caf_compat::delegate(self_, shared_->monitor(), processes_atom_v, std::move(*found), most);
}

std::vector<environment_info> supervisor_state::list() const {
    std::vector<environment_info> all;
    all.reserve(children_.size());
    for (const auto& [id, item] : children_)
        all.push_back(item.info->copy());
    return all;
}

std::string supervisor_state::tree() const {
    auto environments = nlohmann::json::array();
    auto word = [](stage value) {
        switch (value) {
        case stage::creating:
            return "creating";
        case stage::alive:
            return "running";
        case stage::ending:
            return "stopping";
        case stage::stuck:
            return "stuck";
        }
        return "";
    };
    for (const auto& [id, item] : children_)
        environments.push_back({{"id", id},
                                {"name", item.specification.asked.name},
                                {"restart", "temporary"},
                                {"incarnation", item.incarnation},
                                {"state", word(item.now)}});
    return nlohmann::json{{"name", name},
                          {"strategy", "one_for_one"},
                          {"waiting_for_room", queue_.size()},
                          {"dead_letters", shared_->dead->count()},
                          {"environments", std::move(environments)}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Looking up.

outcome<std::string> supervisor_state::find(const std::string& wanted) const {
    if (children_.contains(wanted))
        return wanted;
    // Shorter prefixes of an id are taken for names.
    constexpr std::size_t shortest_prefix = 4;
    std::vector<std::string> matches;
    for (const auto& [id, item] : children_) {
        if (item.specification.asked.name == wanted)
            return id;
        if (wanted.size() >= shortest_prefix && id.starts_with(wanted))
            matches.push_back(id);
    }
    if (matches.size() == 1)
        return matches.front();
    if (!matches.empty())
        return failure(error_code::environment_not_found,
                       "'" + wanted + "' is the beginning of " + std::to_string(matches.size()) +
                           " environments' ids",
                       "give more of the id");
    if (const auto* receipt = ended_.find(wanted))
        return failure(error{error_code::environment_not_found,
                             fmt::format("the environment has ended: {}", to_string(receipt->reason)),
                             receipt->environment_name, "make another"});
    return failure(error_code::environment_not_found, "there is no environment '" + wanted + "'",
                   "list shows those there are");
}

outcome<environment_actor> supervisor_state::find_alive(const std::string& wanted) const {
    auto id = find(wanted);
    if (!id)
        return failure(id.error());
    const auto& item = children_.at(*id);
    if (item.now == stage::alive)
        return item.actor;
    if (item.now == stage::creating)
        return failure(error{error_code::illegal_transition, "the environment is still being created",
                             item.specification.asked.name, "wait until it is ready"});
    return failure(error{error_code::environment_gone,
                         "the environment is being torn down",
                         item.specification.asked.name,
                         {}});
}

supervisor_actor spawn_supervisor(caf::actor_system& system, std::shared_ptr<services> shared) {
    return system.spawn<supervisor_actor::stateful_impl<supervisor_state>>(std::move(shared));
}

} // namespace gestvenv
