// What the actors of one runtime share: the machine, the configuration, and each other.
#pragma once

#include "actors/known_interpreters.hpp"
#include "messages/actors.hpp"
#include "messages/caf_compat.hpp"
#include "messages/caf_error.hpp"
#include "messages/continuation.hpp"
#include "system/process/machine.hpp"
#include "system/python/search_context.hpp"
#include "system/python/tools_folder.hpp"

#include <gestvenv/runtime_config.hpp>

#include <caf/actor_cast.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>

namespace gestvenv {

/// Deadlines of steps that are not a caller's to choose. From the documented numbers where there are any.
namespace limits {
inline constexpr std::chrono::seconds creation{60};
inline constexpr std::chrono::seconds step{30};
/// Between the polite request to end and the kill.
inline constexpr std::chrono::milliseconds grace{2000};
/// One attempt of a teardown, grace included.
inline constexpr std::chrono::seconds teardown{60};
inline constexpr std::chrono::seconds shutdown{20};
} // namespace limits

/// Plain data, set once before the first actor runs; the machine outlives every actor.
struct services {
    machine* host = nullptr;
    runtime_config config;
    /// The variables of the host program, for installers (see installer_variables.hpp).
    python::variable_map caller_variables;
    python::search_context search;
    python::tools_folder tools;
    /// Owner marker of this runtime's folders.
    std::string owner;
    std::shared_ptr<known_interpreters> known = std::make_shared<known_interpreters>();
    reaper_actor reaper;
    interpreters_actor interpreters;
    installer_actor installer;
    cleanup_scheduler_actor scheduler;
};

/// A throwing handler ends its actor with an error of ours that says why, and prints nothing.
template <class Self>
void end_on_exception(Self* self) {
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

/// Makes `work` run in the actor behind `handle` with whatever the machine answers:
/// `machine.end(request, resume(self, [this](outcome<ended> answer) { ... }))`.
template <class Self, class Function>
auto resume(Self* self, Function function) {
    auto handle = caf::actor_cast<caf::actor>(self);
    return [handle, function = std::move(function)](auto answer) {
        caf_compat::send_anonymously(handle,
                                     continuation::of([function, answer = std::move(answer)]() mutable {
                                         function(std::move(answer));
                                     }));
    };
}

} // namespace gestvenv
