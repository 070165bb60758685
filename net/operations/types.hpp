// SPDX-License-Identifier: MIT
// The node's types in CAF's tables, which are the process's.
#pragma once

namespace gestvenv {

/// Fills the tables, those of a runtime too, once; before any actor system is made. Thread-safe.
void announce_net_types();

} // namespace gestvenv
