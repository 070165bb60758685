// Finishes what crashed runtimes of this user left: every state folder whose lock is free has no owner any
// more.
#pragma once

#include "system/process/machine.hpp"

#include <caf/actor_system.hpp>

#include <filesystem>
#include <functional>
#include <string_view>

namespace gestvenv {

/// Begins it on a thread of its own and returns. `log` hears what was found and what could not be removed.
void recover_orphans(caf::actor_system& system, machine& host, const std::filesystem::path& state_root,
                     std::function<void(std::string_view)> log);

} // namespace gestvenv
