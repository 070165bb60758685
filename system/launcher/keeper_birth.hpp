// SPDX-License-Identifier: MIT
// What a keeper does before it serves.
#pragma once

#include "messages/outcome.hpp"
#include "system/isolation/private_shared_memory.hpp"
#include "system/launcher/keeper.hpp"

namespace gestvenv {

/// Closes what is not the keeper's, and sets up its session, /proc, /dev/shm and storage. Ends the process on
/// failure.
void prepare_keeper(const keeper_setup& setup, shared_memory_view& shm);

/// Puts the keeper, and so all its children, under the environment's limits.
outcome<void> enter_limits(const keeper_setup& setup);

/// From now on the keeper dies with its launcher; ends the process when that one is dead already.
void tie_to_launcher(const keeper_setup& setup);

} // namespace gestvenv
