// SPDX-License-Identifier: MIT
// On whose behalf a whole program does what it does: one that is itself an operation of another's trace.
#pragma once

#include "system/tracing/span.hpp"

#include <optional>

namespace gestvenv {

/// From now on, for all of the process: what take_origin() answers where none was left. Unset: nothing, and each
/// operation begins a trace. Thread-safe.
void set_common_origin(std::optional<request_origin> origin);
std::optional<request_origin> common_origin();

} // namespace gestvenv
