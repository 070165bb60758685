// SPDX-License-Identifier: MIT
#include "actors/all_services.hpp"

#include "actors/cleanup_scheduler.hpp"
#include "actors/installer.hpp"
#include "actors/interpreters.hpp"
#include "actors/monitor.hpp"
#include "actors/reaper.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace gestvenv {

namespace {

// Puts the handle where the others find it.
template <class Handle>
caf::actor place(service_slot<Handle>& slot, Handle handle) {
    auto result = caf::actor_cast<caf::actor>(handle);
    slot.set(std::move(handle));
    return result;
}

// A slot is never empty: what is sent to a service that has not started yet, or cannot be, is answered like
// what is sent to one that has ended.
void put_absent_services_in(services& shared, caf::actor_system& system) {
    auto absent = system.spawn([](caf::event_based_actor*) {}); // without a behavior it ends at once
    shared.reaper.set(caf::actor_cast<reaper_actor>(absent));
    shared.interpreters.set(caf::actor_cast<interpreters_actor>(absent));
    shared.installer.set(caf::actor_cast<installer_actor>(absent));
    shared.scheduler.set(caf::actor_cast<cleanup_scheduler_actor>(absent));
    shared.monitor.set(caf::actor_cast<monitor_actor>(absent));
}

} // namespace

std::vector<supervised_service> all_services(caf::actor_system& system, std::shared_ptr<services> shared,
                                             std::shared_ptr<journal> records, bool own_threads) {
    put_absent_services_in(*shared, system);
    std::vector<supervised_service> all;
    // Last to stop: the others may still have something to undo.
    all.push_back({{.name = "reaper"}, [&system, shared, records, own_threads] {
                       return place(shared->reaper, spawn_reaper(system, shared, records, own_threads));
                   }});
    all.push_back({{.name = "interpreters"}, [&system, shared, own_threads] {
                       return place(shared->interpreters, spawn_interpreters(system, shared, own_threads));
                   }});
    all.push_back({{.name = "installer", .restart = restart_policy::transient},
                   [&system, shared] { return place(shared->installer, spawn_installer(system, shared)); }});
    all.push_back({{.name = "cleanup_scheduler"}, [&system, shared] {
                       return place(shared->scheduler, spawn_cleanup_scheduler(system, shared));
                   }});
    all.push_back({{.name = "monitor"},
                   [&system, shared] { return place(shared->monitor, spawn_monitor(system, shared)); }});
    return all;
}

supervision_listener tell_supervisor(std::shared_ptr<const services> shared,
                                     std::function<void(outcome<void>)> ready) {
    supervision_listener listener;
    listener.ready = std::move(ready);
    listener.crashed = [shared](crash_report report) {
        caf_compat::send_anonymously(shared->supervisor, crash_atom_v, std::move(report));
    };
    listener.restarted = [shared](const std::string& service) {
        caf_compat::send_anonymously(shared->supervisor, restarted_atom_v, service);
    };
    listener.gave_up = [shared](const std::string& why) {
        caf_compat::send_anonymously(shared->supervisor, give_up_atom_v, why);
    };
    return listener;
}

} // namespace gestvenv
