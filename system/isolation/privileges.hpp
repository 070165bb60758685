// SPDX-License-Identifier: MIT
// What a process gives up before it runs a program of the caller's.
#pragma once

#include <cstdint>

namespace gestvenv {

/// What of a root's capabilities a program may have that runs with `restricted` privileges: those for files
/// and identities that a container's root has. One bit each (capabilities(7)).
std::uint64_t capabilities_of_restricted_root() noexcept;

/// What is to be taken from this process's bounding set before such a program is executed: looked up at the
/// first call, which is not async-signal-safe; descendants know it.
std::uint64_t capabilities_to_drop() noexcept;

/// No new privileges, by set-id programs or file capabilities, for this process and all its descendants
/// (prctl(2), PR_SET_NO_NEW_PRIVS). After the next execve(2) root has, of what it has now, the capabilities
/// of a restricted root, and an ordinary user none. `to_drop`: from `capabilities_to_drop`.
/// Async-signal-safe. Returns 0 or an errno value.
int give_up_privileges(std::uint64_t to_drop) noexcept;

} // namespace gestvenv
