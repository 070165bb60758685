// SPDX-License-Identifier: MIT
// What the two halves of the rig share.
#pragma once

#include "tools/faults/harness/rig.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>

namespace gestvenv::faults {

std::string content_of(const std::filesystem::path& file);
/// A user who has nothing, with an id of its own.
uid_t made_up_user();
/// Whether that user may make user namespaces: not below a root that is no mount point (chroot), nor where
/// they are switched off. Without one it has no pid namespace.
bool users_have_namespaces();
std::chrono::milliseconds since(std::chrono::steady_clock::time_point then);

bool kills_runtime(fault_kind kind);
bool kills_launcher(fault_kind kind);
bool kills_keepers(fault_kind kind);

// Of either fault of a cycle.
bool kills_runtime(const cycle& what);
bool kills_launcher(const cycle& what);
bool kills_keepers(const cycle& what);
/// The launcher's work is done when it ends by itself; with it killed as well, the rest is the next start's.
bool leaves_the_rest_to_the_next_start(const cycle& what);
/// The faults after which a program that ends by itself may leave something to the next start: it cannot
/// write down that all is gone, or does not come to it.
bool may_leave_the_journal(const cycle& what);

/// The groups that the rig made are its own user's.
bool has_groups(const cycle& what);

} // namespace gestvenv::faults
