// SPDX-License-Identifier: MIT
// The numbers by which CAF knows our types. They start high, so that a host program's own block does not
// clash with them. Part of the wire format between nodes: append only.
#pragma once

#include "messages/continuation.hpp"
#include "messages/environment_creation.hpp"
#include "messages/resolved_specification.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/crash_report.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>
#include <gestvenv/error.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/process_info.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_config.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/type_id.hpp>

#include <vector>

/// First number of the block; GestVenv uses 1000 to 1199. CAF's table has a row for every number below too,
/// and is written when a runtime starts.
#define GESTVENV_FIRST_TYPE_ID 1000

CAF_BEGIN_TYPE_ID_BLOCK(gestvenv, GESTVENV_FIRST_TYPE_ID)

CAF_ADD_TYPE_ID(gestvenv, (gestvenv::error_code))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::error))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::environment_spec))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::environment_info))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::environment_info>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::command_spec))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::operation_result))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::install_request))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::install_result))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::uninstall_request))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::installed_package>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::teardown_receipt))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::teardown_receipt>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::cleanup_reason))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::containment))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::resource_limits))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::continuation))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::storage_request))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::storage_receiver))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::output_receiver))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::interpreter_choice))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::package_job))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::runtime_config))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::residue))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::residue>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::runtime_event))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::runtime_event>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::crash_report))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::crash_report>))

// Make an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, create_atom)
// Run a command.
CAF_ADD_ATOM(gestvenv, gestvenv, execute_atom)
// Install packages.
CAF_ADD_ATOM(gestvenv, gestvenv, note_atom)
CAF_ADD_ATOM(gestvenv, gestvenv, install_atom)
CAF_ADD_ATOM(gestvenv, gestvenv, uninstall_atom)
CAF_ADD_ATOM(gestvenv, gestvenv, packages_atom)
// End an environment, with a reason.
CAF_ADD_ATOM(gestvenv, gestvenv, destroy_atom)
// Describe one environment.
CAF_ADD_ATOM(gestvenv, gestvenv, find_atom)
// Describe all environments.
CAF_ADD_ATOM(gestvenv, gestvenv, list_atom)
// The handle of a child.
CAF_ADD_ATOM(gestvenv, gestvenv, child_atom)
// End everything, in order.
CAF_ADD_ATOM(gestvenv, gestvenv, shutdown_atom)
// The launcher has ended.
CAF_ADD_ATOM(gestvenv, gestvenv, launcher_lost_atom)
// A child has ended.
CAF_ADD_ATOM(gestvenv, gestvenv, child_down_atom)
// An environment is gone, or its teardown has got stuck; with the receipt.
CAF_ADD_ATOM(gestvenv, gestvenv, torn_down_atom)
// Note in the journal what is about to be made.
CAF_ADD_ATOM(gestvenv, gestvenv, intend_atom)
// Make the storage and layout of an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, acquire_atom)
// Start the keeper of an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, keeper_atom)
// Undo everything made for an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, tear_down_atom)
// Choose an interpreter.
CAF_ADD_ATOM(gestvenv, gestvenv, resolve_atom)
// Take no new work, answer what is under way.
CAF_ADD_ATOM(gestvenv, gestvenv, stop_atom)
// A periodic look at deadlines.
CAF_ADD_ATOM(gestvenv, gestvenv, tick_atom)
// Note when an environment is to end.
CAF_ADD_ATOM(gestvenv, gestvenv, schedule_atom)
// Forget an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, forget_atom)
// Take back a creation that has not been answered.
CAF_ADD_ATOM(gestvenv, gestvenv, cancel_atom)
// End an environment whose time has come, if it still has.
CAF_ADD_ATOM(gestvenv, gestvenv, expire_atom)
// Count as activity.
CAF_ADD_ATOM(gestvenv, gestvenv, touch_atom)
// Look at all environments for deadlines that were missed.
CAF_ADD_ATOM(gestvenv, gestvenv, sweep_atom)
// Change limits and intervals.
CAF_ADD_ATOM(gestvenv, gestvenv, configure_atom)
// A service has been started again.
CAF_ADD_ATOM(gestvenv, gestvenv, restarted_atom)
// A child has crashed; or: which have.
CAF_ADD_ATOM(gestvenv, gestvenv, crash_atom)
// A supervisor has given up.
CAF_ADD_ATOM(gestvenv, gestvenv, give_up_atom)
// The tree of supervision.
CAF_ADD_ATOM(gestvenv, gestvenv, tree_atom)

// What environments use.
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::usage_sample))
CAF_ADD_TYPE_ID(gestvenv, (std::vector<gestvenv::usage_sample>))
CAF_ADD_TYPE_ID(gestvenv, (gestvenv::resource_usage))
// Measure an environment from now on.
CAF_ADD_ATOM(gestvenv, gestvenv, watch_atom)
// What is in use.
CAF_ADD_ATOM(gestvenv, gestvenv, usage_atom)
// What was in use.
CAF_ADD_ATOM(gestvenv, gestvenv, history_atom)

CAF_ADD_TYPE_ID(gestvenv, (gestvenv::resolved_specification))

CAF_ADD_TYPE_ID(gestvenv, (gestvenv::process_list))
// The processes of an environment.
CAF_ADD_ATOM(gestvenv, gestvenv, processes_atom)

CAF_END_TYPE_ID_BLOCK(gestvenv)

CAF_ERROR_CODE_ENUM(gestvenv::error_code)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::continuation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::storage_receiver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::output_receiver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::interpreter_choice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::package_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::resolved_specification)
