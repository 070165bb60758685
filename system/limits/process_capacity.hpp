// SPDX-License-Identifier: MIT
// Whether this process may start many more processes and threads, told by the limits alone.
#pragma once

#include <cstdint>

namespace gestvenv {

/// True when the limits that can be seen leave room for `count` more processes and threads: RLIMIT_NPROC is
/// far from low, and no group above ours in the pids hierarchy is within `count` of its `pids.max`. False
/// where they do not, or where not all of them can be seen: only starting them tells then.
bool has_process_capacity(std::int64_t count);

} // namespace gestvenv
