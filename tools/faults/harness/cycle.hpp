// SPDX-License-Identifier: MIT
// One run of the scenario, the fault in it, and all that decides whether the run comes to the fault's step.
#pragma once

#include "tools/faults/common/fault_plan.hpp"

#include <gestvenv/enumerations.hpp>

#include <cstdint>
#include <string>

namespace gestvenv::faults {

struct cycle {
    storage_backend storage = storage_backend::tmpfs;
    containment best = containment::pid_namespace;
    /// As a user of no privileges, where the rig is root.
    bool ordinary_user = false;
    /// Another program uses the same state folder and storage root at the same time, without a fault, and
    /// finishes what others leave there.
    bool beside_another = false;
    /// A wheel is installed with uv: takes longer than all the rest.
    bool installs = false;
    /// The fault strikes in the next start, after a kill of all in the middle of the scenario.
    bool in_recovery = false;
    /// In between, the journal is lost.
    bool loses_journal = false;
    /// An earlier program has used the state folder and has ended in order.
    bool follows_another = false;
    /// Before the next start the keepers are stopped, and do not see their launcher die.
    bool leaves_stopped_keepers = false;
    /// Comes first, from the first meeting of its step on, and brings about the step of the other: what is done
    /// about one fault is hit by a second.
    fault_kind kind_before = fault_kind::none;
    std::string step_before;
    /// At how many meetings in a row.
    std::uint32_t times_before = 1;
    fault_kind kind = fault_kind::none;
    std::string step;
    std::uint32_t occurrence = 1;
    /// Storage is where it is by default, and not in a folder of the rig's.
    bool default_roots = false;
    /// A next start finishes by itself what was left, in the background, instead of being asked to.
    bool automatic_recovery = false;
    /// The run lasts until the step has come about by itself.
    bool waits_for_the_fault = false;

    friend bool operator==(const cycle&, const cycle&) = default;
};

std::string to_string(const cycle& what);

bool kills_runtime(fault_kind kind);
bool kills_launcher(fault_kind kind);
bool kills_keepers(fault_kind kind);

// Of either fault of a cycle.
bool kills_runtime(const cycle& what);
bool kills_launcher(const cycle& what);
bool kills_keepers(const cycle& what);
/// The launcher's work is done when it ends by itself; with it killed as well, the rest is the next start's.
bool leaves_the_rest_to_the_next_start(const cycle& what);
/// The faults after which a program that ends by itself may leave something to the next start, if it says so:
/// it cannot write down that all is gone, or the actor that ends environments is given up.
bool may_leave_some_in_the_journal(const cycle& what);

} // namespace gestvenv::faults
