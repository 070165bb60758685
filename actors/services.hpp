// SPDX-License-Identifier: MIT
// What the actors of one runtime share: the machine, the configuration, and each other.
#pragma once

#include "actors/event_log.hpp"
#include "actors/installer_turns.hpp"
#include "actors/known_interpreters.hpp"
#include "actors/living_actors.hpp"
#include "actors/service_slot.hpp"
#include "messages/caf/actors.hpp"
#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "messages/continuation.hpp"
#include "messages/dead_letters.hpp"
#include "messages/resolved_specification.hpp"
#include "system/process/machine.hpp"
#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"

#include <gestvenv/runtime_config.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>

namespace gestvenv {

/// Deadlines of steps that are not a caller's to choose. From the documented numbers where there are any.
namespace deadlines {
inline constexpr std::chrono::seconds creation{60};
inline constexpr std::chrono::seconds step{30};
/// One attempt of a teardown, grace included.
inline constexpr std::chrono::seconds teardown{60};
/// Of all teardowns of a shutdown, so that what is left by then can still be named within `shutdown`.
inline constexpr std::chrono::seconds teardown_in_shutdown{13};
/// Of what is left after them.
inline constexpr std::chrono::seconds undo_leftovers{5};
inline constexpr std::chrono::seconds shutdown{20};

/// Of a whole creation, with what it installs.
inline caf::timespan whole_creation(const resolved_specification& spec) {
    return spec.asked.installs() ? caf::timespan{creation + install_request{}.timeout}
                                 : caf::timespan{creation};
}
} // namespace deadlines

/// Set up before the first actor runs; what changes later is safe to use from any thread. The machine
/// outlives every actor.
struct services {
    gestvenv::machine* machine = nullptr;
    service_slot<std::shared_ptr<const runtime_config>> config;
    /// The variables of the host program, for installers (see installer_variables.hpp).
    python::variable_map caller_variables;
    /// Its working folder, in which installers start; empty: there was none.
    std::string caller_folder;
    python::search_context search;
    python::tools_folder tools;
    /// Packages come from the caches of their backends alone.
    bool offline = false;
    /// Owner marker of this runtime's folders.
    std::string owner;
    std::shared_ptr<known_interpreters> known = std::make_shared<known_interpreters>();
    std::shared_ptr<event_log> events = std::make_shared<event_log>();
    std::shared_ptr<installer_turns> turns = std::make_shared<installer_turns>();
    std::shared_ptr<dead_letters> dead = std::make_shared<dead_letters>();
    /// Through which launcher, counted from 1, things are made now.
    std::atomic<int> launcher{1};
    supervisor_actor supervisor;
    /// These may be started again: each use takes the present one. What is sent before the first start, or
    /// after the last end, is answered as any actor that has ended answers (all_services.cpp).
    service_slot<reaper_actor> reaper;
    service_slot<interpreters_actor> interpreters;
    service_slot<installer_actor> installer;
    service_slot<cleanup_scheduler_actor> scheduler;
    service_slot<monitor_actor> monitor;
};

/// Configuration of an actor system that belongs to a runtime: what all its actors share without knowing it.
struct runtime_system_config : caf::actor_system_config {
    std::shared_ptr<dead_letters> letters;
    std::shared_ptr<living_actors> living = std::make_shared<living_actors>();
};

/// Null in a system without a runtime.
inline const runtime_system_config* runtime_config_of(const caf::actor_system& system) {
    return dynamic_cast<const runtime_system_config*>(&system.config());
}

/// Where answers are counted that come too late; null in a system without a runtime.
inline std::shared_ptr<dead_letters> letters_of(const caf::actor_system& system) {
    const auto* config = runtime_config_of(system);
    return config == nullptr ? nullptr : config->letters;
}

/// What every actor begins with. A throwing handler ends it with an error of ours that says why, and prints
/// nothing; it ends with the runtime, whatever has become of its supervisor.
template <class Self>
void end_on_exception(Self* self) {
    if (const auto* config = runtime_config_of(self->system()))
        config->living->add(self->address(), self->name());
    self->set_exception_handler([](std::exception_ptr& problem) -> caf::error {
        try {
            std::rethrow_exception(problem);
        } catch (const std::exception& known) {
            return to_caf_error({error_code::actor_crashed, known.what(), {}, {}});
        } catch (...) { // anything can be thrown; it must still end as an error
            return to_caf_error({error_code::actor_crashed, "an unknown exception", {}, {}});
        }
    });
}

/// Makes `function` run in the actor behind `self` with whatever the machine answers:
/// `machine.end(request, resume(self, [this](outcome<ended> answer) { ... }))`.
///
/// What comes back may be copied, called and dropped on any thread. The function itself may not: a response
/// promise in it counts its copies without a lock. So it is kept in one place and taken from there in the
/// actor.
template <class Self, class Function>
auto resume(Self* self, Function function) {
    auto handle = caf::actor_cast<caf::actor>(self);
    auto letters = letters_of(self->system());
    auto kept = std::make_shared<Function>(std::move(function));
    return [handle, letters, kept, receiver = self->name()](auto answer) {
        auto work = [kept, answer = std::move(answer)]() mutable {
            Function taken{std::move(*kept)};
            taken(std::move(answer));
        };
        caf_compat::send_anonymously(handle, continuation::of(std::move(work), receiver, letters));
    };
}

} // namespace gestvenv
