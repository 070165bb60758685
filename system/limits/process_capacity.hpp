// SPDX-License-Identifier: MIT
// Whether this process may start many more processes and threads, told by the limits alone.
#pragma once

#include <cstdint>
#include <optional>

namespace gestvenv {

/// True when the limits that can be seen leave room for `count` more processes and threads: RLIMIT_NPROC is
/// far from low, and no group above ours in the pids hierarchy is within `count` of its `pids.max`. False
/// where they do not, or where not all of them can be seen: only starting them tells then.
bool has_process_capacity(std::int64_t count);

/// How many more processes and threads the groups above this process leave room for; null where none of those
/// that can be seen bounds them.
std::optional<std::int64_t> process_room();

} // namespace gestvenv
