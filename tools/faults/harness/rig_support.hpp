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

/// The groups that the rig made are its own user's.
bool has_groups(const cycle& what);

} // namespace gestvenv::faults
