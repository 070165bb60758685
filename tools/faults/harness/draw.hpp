// SPDX-License-Identifier: MIT
// Which fault comes in which cycle: all of them in order for a walk, or at random from a seed.
#pragma once

#include "tools/faults/harness/rig.hpp"
#include "tools/faults/harness/steps.hpp"

#include <cstdint>
#include <vector>

namespace gestvenv::faults {

/// Those that can come at this step.
std::vector<fault_kind> kinds_at(const step& where);

/// The cycle of that number, from 0, which the seed makes: always the same. Of an ordinary user only where
/// `is_root`.
cycle draw(std::uint64_t seed, std::uint64_t number, bool is_root);

/// Every step with every fault that can come there, in the scenario or in the next start, with one
/// combination of the rest.
std::vector<cycle> walk(storage_backend storage, containment best, bool ordinary_user);

/// Every step once, faults and all the rest in turn, so that each of them occurs.
std::vector<cycle> short_walk(bool is_root);

} // namespace gestvenv::faults
