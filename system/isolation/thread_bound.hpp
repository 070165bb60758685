// SPDX-License-Identifier: MIT
// Bounding the threads of a pid namespace by the numbers it may give out: free, where joining a cgroup of
// version 1 takes milliseconds.
#pragma once

#include <cstdint>

namespace gestvenv {

/// Whether `kernel.pid_max` belongs to each pid namespace (Linux 6.14). On older kernels it is the machine's,
/// and GestVenv does not touch it.
bool has_pid_max_per_namespace() noexcept;

/// For the init of a new pid namespace that has its own /proc mounted, before it has a child: at most
/// `threads` threads (processes of one thread included) beside itself from now on. Returns errno, 0 for
/// success; EINVAL where the kernel wants more numbers than that. What runs in the namespace as root, or as
/// the root of its user namespace, can take the bound back.
int bound_threads(std::int64_t threads) noexcept;

/// For that init: how many threads there are beside it, as far as numbers reach for a bound of `threads`.
std::int64_t threads_in_this_namespace(std::int64_t threads) noexcept;

} // namespace gestvenv
