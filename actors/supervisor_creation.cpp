// SPDX-License-Identifier: MIT
// How the supervisor admits environments and has them made.
#include "actors/supervisor.hpp"

#include "actors/environment.hpp"
#include "actors/supported.hpp"
#include "messages/caf/error.hpp"
#include "messages/validation.hpp"
#include "system/python/requirement.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace gestvenv {

outcome<resolved_specification> supervisor_state::resolve(environment_spec spec) const {
    if (auto valid = validate(spec); !valid)
        return failure(valid.error());
    auto packages = python::validate_packages(spec.packages);
    if (!packages)
        return failure(packages.error());
    auto config = shared_->config();
    resolved_specification result;
    // The idle time has its default only where no time to live is given.
    result.max_idle_time = spec.max_idle_time.value_or(spec.ttl ? unlimited : default_idle_time);
    result.package_backend = spec.package_backend.value_or(config->default_backend);
    result.isolation = spec.isolation.value_or(config->default_isolation_level);
    result.security = spec.security.value_or(config->default_security_mode);
    result.storage = spec.storage_backend.value_or(config->storage_backend);
    result.ttl = spec.ttl.value_or(config->default_ttl);
    result.packages = std::move(*packages);
    result.asked = std::move(spec);
    if (auto supported = check_supported(result, shared_->machine->greeting()); !supported)
        return failure(supported.error());
    if (const auto& wanted = result.asked.name; !wanted.empty() && is_taken(wanted))
        return failure(error{error_code::name_in_use, "an environment named '" + wanted + "' exists already",
                             wanted, "choose another name, or destroy that one first"});
    return result;
}

bool supervisor_state::is_taken(const std::string& environment_name) const {
    return std::any_of(
               children_.begin(), children_.end(),
               [&](const auto& item) { return item.second.specification.asked.name == environment_name; }) ||
           std::any_of(queue_.begin(), queue_.end(),
                       [&](const auto& item) { return item.specification.asked.name == environment_name; });
}

caf::result<environment_info> supervisor_state::create(std::string id, environment_spec wanted) {
    auto made = span::begin("create", take_origin(creation_of(id)));
    made.set_environment(id, wanted.name);
    const auto failed = [&made](const error& reason) {
        made.fail(reason);
        return to_caf_error(reason);
    };
    if (shutting_down_)
        return failed({error_code::shutting_down, "the runtime is shutting down", {}, {}});
    if (id.empty() || children_.contains(id))
        return failed({error_code::invalid_argument, "the id of an environment must be a new one", {}, {}});
    auto spec = resolve(std::move(wanted));
    if (!spec)
        return failed(spec.error());
    if (spec->asked.name.empty())
        spec->asked.name = "env-" + id.substr(0, 8);
    made.set_environment(id, spec->asked.name);
    auto refuse = [&](error reason) {
        reason.environment = spec->asked.name;
        return failed(reason);
    };
    auto wants = reservation_for(spec->asked.resource_limits, spec->storage);
    auto reserved = queue_.empty() ? admission_.reserve(id, wants)
                                   : failure(error_code::resources_exhausted,
                                             fmt::format("{} creations wait for room already", queue_.size()),
                                             "wait as well: set wait_for_room");
    if (!reserved) {
        if (!spec->asked.wait_for_room || queue_.size() >= most_waiting)
            return refuse(reserved.error());
        if (auto possible = admission_.check_possible(wants); !possible)
            return refuse(possible.error());
    }
    auto done = self_->make_response_promise<environment_info>();
    if (reserved) {
        start(id, std::move(*spec), done, std::move(made));
        return done;
    }
    auto deadline = now() + *spec->asked.wait_for_room;
    queue_.push_back({std::move(id), std::move(*spec), deadline, done, std::move(made)});
    keep_watch();
    return done;
}

void supervisor_state::start(const std::string& id, resolved_specification spec, creator done, span made) {
    // The reaper writes the intent while the environment's actor is set up.
    caf_compat::send_anonymously(shared_->reaper(), intend_atom_v, storage_request_for(id, spec));
    child item;
    item.info = std::make_shared<shared_info>(first_info(id, spec), made.origin());
    item.made = std::move(made);
    item.specification = spec;
    item.incarnation = next_incarnation_++;
    item.creating = done;
    item.deadline = now() + deadlines::whole_creation(spec);
    children_.insert_or_assign(id, std::move(item));
    keep_watch();
    auto& entry = children_.at(id);
    try {
        entry.actor = spawn_environment(self_->system(), shared_, std::move(spec), entry.info);
    } catch (const std::exception& problem) {
        // A throwing constructor throws out of spawn.
        return not_created(id, {error_code::creation_failed,
                                std::string{"the environment's actor cannot be started: "} + problem.what(),
                                entry.specification.asked.name,
                                {}});
    }
    shared_->events->publish(event_kind::environment_created, id, entry.specification.asked.name, {});
    caf_compat::on_down(entry.actor, [supervisor = supervisor_actor{self_}, id,
                                      incarnation = entry.incarnation](const caf::error& reason) {
        caf_compat::send_anonymously(supervisor, child_down_atom_v, id, incarnation, reason);
    });
    // Without a deadline of its own: the tick watches over it.
    caf_compat::request(self_, entry.actor, caf::infinite, create_atom_v)
        .then([this, id](environment_info& info) { created(id, std::move(info)); },
              [this, id](const caf::error& reason) { not_created(id, from_caf_error(reason)); });
}

void supervisor_state::created(const std::string& id, environment_info info) {
    auto found = children_.find(id);
    // One that was ended while it was being made is answered when it is gone.
    if (found == children_.end() || found->second.now != stage::creating || !found->second.creating)
        return;
    auto& item = found->second;
    item.now = stage::alive;
    item.deadline = instant::max();
    auto done = *std::exchange(item.creating, std::nullopt);
    done.deliver(std::move(info));
    std::exchange(item.made, {}).end();
    caf_compat::send_anonymously(shared_->monitor(), watch_atom_v, id, item.specification);
    shared_->events->publish(event_kind::environment_ready, id, item.specification.asked.name, {});
}

void supervisor_state::not_created(const std::string& id, const error& reason) {
    auto found = children_.find(id);
    if (found == children_.end() || !found->second.creating)
        return;
    shared_->events->publish(event_kind::environment_failed, id, found->second.specification.asked.name,
                             reason.message);
    // Answered when nothing half-made is left.
    auto done = *std::exchange(found->second.creating, std::nullopt);
    auto made = std::exchange(found->second.made, {});
    note_origin(teardown_of(id), made.origin());
    end(id, reason.code == error_code::cancelled ? cleanup_reason::requested : cleanup_reason::failed_state,
        [done, reason, made](const teardown_receipt&) mutable {
            made.fail(reason);
            done.deliver(to_caf_error(reason));
        });
}

void supervisor_state::cancel(const std::string& id) {
    const error taken_back{error_code::cancelled, "the creation was taken back", {}, {}};
    auto waiting =
        std::find_if(queue_.begin(), queue_.end(), [&id](const candidate& item) { return item.id == id; });
    if (waiting != queue_.end()) {
        auto done = waiting->done;
        waiting->made.fail(taken_back);
        queue_.erase(waiting);
        done.deliver(to_caf_error(taken_back));
        return admit_waiting();
    }
    not_created(id, taken_back);
}

void supervisor_state::admit_waiting() {
    while (!queue_.empty() && !shutting_down_) {
        auto& first = queue_.front();
        if (!admission_.reserve(first.id, reservation_for(first.specification.asked.resource_limits,
                                                          first.specification.storage)))
            return;
        auto item = std::move(first);
        queue_.pop_front();
        start(item.id, std::move(item.specification), item.done, std::move(item.made));
    }
}

void supervisor_state::refuse_waiting(const error& reason) {
    for (auto& item : std::exchange(queue_, {})) {
        item.made.fail(reason);
        item.done.deliver(to_caf_error(reason));
    }
}

} // namespace gestvenv
