// SPDX-License-Identifier: MIT
// Every actor's interface on one page. A line above each handler says what it does; errors are
// gestvenv::error_code with a gestvenv::error as context (messages/caf/error.hpp).
#pragma once

#include "messages/caf/type_ids.hpp"

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace gestvenv {

/// One environment's state machine and its commands.
using environment_actor = caf::typed_actor<
    // Makes storage, layout and first packages; answers when the environment is ready.
    auto(create_atom)->caf::result<environment_info>,
    // Runs a command; several may run at once.
    auto(execute_atom, command_spec, output_receiver)->caf::result<operation_result>,
    // Installs packages; one installation after another.
    auto(install_atom, install_request)->caf::result<install_result>,
    auto(uninstall_atom, uninstall_request)->caf::result<install_result>,
    // What is installed, as the backend lists it.
    auto(packages_atom)->caf::result<std::vector<installed_package>>,
    auto(find_atom)->caf::result<environment_info>,
    // Counts as activity, now.
    auto(touch_atom)->caf::result<void>,
    // For a deadline that is due: how long it is still off, because there was activity. Zero: it is met, and
    // from now on every request is refused.
    auto(expire_atom, cleanup_reason)->caf::result<caf::timespan>,
    // From now on every request is refused; what is under way ends with the teardown. Answers whether the
    // environment was busy. `force` false: refuses (environment_busy) instead when it is.
    auto(stop_atom, bool force)->caf::result<bool>,
    // A service runs again after a crash: what it was asked before has no answer any more.
    auto(restarted_atom, std::string service)->caf::result<void>,
    // Everything is torn down: the actor ends.
    auto(forget_atom)->caf::result<void>, auto(continuation)->caf::result<void>>;

/// The root: admission, the table of environments, their deaths. Environments are named by id, by a unique
/// prefix of one, or by name.
using supervisor_actor = caf::typed_actor<
    // Admits and creates, or waits for room first where the specification says so; a failure is answered
    // after everything half-made is gone. The id is the caller's choice, a fresh UUID, and names the creation
    // until it is answered.
    auto(create_atom, std::string id, environment_spec)->caf::result<environment_info>,
    // Takes back a creation: it is answered with `cancelled`. One that has been answered is left alone.
    auto(cancel_atom, std::string id)->caf::result<void>,
    auto(execute_atom, std::string, command_spec, output_receiver)->caf::result<operation_result>,
    auto(install_atom, std::string, install_request)->caf::result<install_result>,
    auto(uninstall_atom, std::string, uninstall_request)->caf::result<install_result>,
    auto(packages_atom, std::string)->caf::result<std::vector<installed_package>>,
    // Ends an environment; answers with the receipt, which may name residue. Without `force` a busy one is
    // refused. One that has ended lately, named by its id, answers with the receipt of then.
    auto(destroy_atom, std::string, cleanup_reason, bool force)->caf::result<teardown_receipt>,
    // A deadline of an environment is due.
    auto(expire_atom, std::string id, cleanup_reason)->caf::result<void>,
    // Ends what a deadline should have ended: the net below the deadlines.
    auto(sweep_atom)->caf::result<void>, auto(touch_atom, std::string)->caf::result<void>,
    auto(find_atom, std::string)->caf::result<environment_info>,
    auto(list_atom)->caf::result<std::vector<environment_info>>,
    // The actor of an environment, for diagnosis.
    auto(child_atom, std::string)->caf::result<environment_actor>,
    // What all environments use together, what one uses now, and its last samples, oldest first.
    auto(usage_atom)->caf::result<resource_usage>, auto(usage_atom, std::string)->caf::result<usage_sample>,
    auto(history_atom, std::string, std::uint64_t most)->caf::result<std::vector<usage_sample>>,
    // The processes of one, at most so many, those with most memory first.
    auto(processes_atom, std::string, std::uint64_t most)->caf::result<process_list>,
    // Limits, defaults and intervals from now on; living environments keep what they were created with.
    auto(configure_atom, runtime_config)->caf::result<void>,
    // Refuses new work, ends every environment, answers with their receipts.
    auto(shutdown_atom, cleanup_reason)->caf::result<std::vector<teardown_receipt>>,
    // The launcher is gone, and every environment with it.
    auto(launcher_lost_atom)->caf::result<void>,
    // The actor of an environment (id, incarnation) has ended, for whatever reason.
    auto(child_down_atom, std::string, std::uint64_t, caf::error)->caf::result<void>,
    // A teardown the reaper went on with has come to its end.
    auto(torn_down_atom, teardown_receipt)->caf::result<void>,
    // From the services' supervisor: one has crashed, one runs again, there is no hope.
    auto(crash_atom, crash_report)->caf::result<void>, auto(restarted_atom, std::string)->caf::result<void>,
    auto(give_up_atom, std::string why)->caf::result<void>,
    // The last crashes, oldest first.
    auto(crash_atom)->caf::result<std::vector<crash_report>>,
    // Itself and the environments, as JSON.
    auto(tree_atom)->caf::result<std::string>, auto(continuation)->caf::result<void>>;

/// Keeps the services below alive (actors/supervision/service_supervisor.hpp).
using service_supervisor_actor = caf::typed_actor<
    // A child (name, incarnation) has ended.
    auto(child_down_atom, std::string, std::uint64_t, caf::error)->caf::result<void>,
    // As JSON.
    auto(tree_atom)->caf::result<std::string>,
    // Stops all in reverse order; answers with those that did not end.
    auto(shutdown_atom)->caf::result<std::vector<residue>>, auto(continuation)->caf::result<void>>;

/// Owns every resource apart from actor state: writes the intents, has things made, undoes them, writes
/// receipts.
using reaper_actor = caf::typed_actor<
    // Writes the intent of a storage that is about to be acquired, while others prepare for it. From the
    // actor will have it torn down: what is acquired after the teardown is refused.
    auto(intend_atom, storage_request)->caf::result<void>,
    // Has an intended storage made; the receiver gets the machine's answer without a detour.
    auto(acquire_atom, storage_request, storage_receiver)->caf::result<void>,
    // Starts the keeper of an environment that has none, whose shared memory is the host's or its own;
    // answers how processes are held together.
    auto(keeper_atom, std::string, resource_limits, bool shares_memory_with_host)->caf::result<containment>,
    // An environment is ready: noted for lists from outside.
    auto(note_atom, environment_info)->caf::result<void>,
    // Undoes everything made for an environment. Answers after the first attempt; as long as something is
    // left it goes on by itself, with backoff, and tells the supervisor (torn_down_atom) when nothing is.
    auto(tear_down_atom, std::string id, std::string name, cleanup_reason, caf::timespan grace)
        ->caf::result<teardown_receipt>,
    // At the end of the runtime: undoes what has not been undone yet, and takes nothing new. Answers after
    // the first attempts, with their receipts.
    auto(shutdown_atom)->caf::result<std::vector<teardown_receipt>>,
    // After the launcher's death: starts a new one, so that what is left can be undone.
    auto(launcher_lost_atom)->caf::result<void>,
    // Upkeep of the journal.
    auto(tick_atom)->caf::result<void>, auto(continuation)->caf::result<void>>;

/// Finds interpreters and records their layouts, each once.
using interpreters_actor = caf::typed_actor<
    // `wanted` as environment_spec::python_version; empty: the default.
    auto(resolve_atom, std::string wanted)->caf::result<interpreter_choice>,
    auto(continuation)->caf::result<void>>;

/// Runs package backends: one at a time per environment, a bounded number per backend.
using installer_actor = caf::typed_actor<auto(install_atom, package_job)->caf::result<install_result>,
                                         auto(continuation)->caf::result<void>>;

/// Deadlines of environments, met by one central tick.
using cleanup_scheduler_actor = caf::typed_actor<
    // The environment is to end this long from now, for this reason; a later call for the same reason
    // replaces it. `caf::timespan::max()`: never.
    auto(schedule_atom, std::string id, cleanup_reason, caf::timespan)->caf::result<void>,
    auto(forget_atom, std::string id)->caf::result<void>, auto(tick_atom)->caf::result<void>,
    // Time for the safety sweep.
    auto(sweep_atom)->caf::result<void>,
    // The configuration has changed.
    auto(configure_atom)->caf::result<void>>;

/// Measures what environments use.
using monitor_actor = caf::typed_actor<
    // From now on, with the limits of this completed specification; and no more.
    auto(watch_atom, std::string id, resolved_specification)->caf::result<void>,
    auto(forget_atom, std::string id)->caf::result<void>,
    // The configuration has changed.
    auto(configure_atom)->caf::result<void>,
    // Time to measure all of them.
    auto(tick_atom)->caf::result<void>,
    // As the supervisor is asked, by id.
    auto(usage_atom)->caf::result<resource_usage>,
    auto(usage_atom, std::string id)->caf::result<usage_sample>,
    auto(history_atom, std::string id, std::uint64_t most)->caf::result<std::vector<usage_sample>>,
    auto(processes_atom, std::string id, std::uint64_t most)->caf::result<process_list>,
    auto(continuation)->caf::result<void>>;

} // namespace gestvenv

CAF_BEGIN_TYPE_ID_BLOCK(gestvenv_handles, GESTVENV_FIRST_TYPE_ID + 100)
CAF_ADD_TYPE_ID(gestvenv_handles, (gestvenv::environment_actor))
CAF_ADD_TYPE_ID(gestvenv_handles, (gestvenv::supervisor_actor))
CAF_END_TYPE_ID_BLOCK(gestvenv_handles)
