// SPDX-License-Identifier: MIT
// Our types in CAF's tables, which are the process's.
#pragma once

namespace gestvenv {

/// Fills the tables, once, at the first call; before any actor system of ours is made. Thread-safe.
void announce_types();

} // namespace gestvenv
