// SPDX-License-Identifier: MIT
// Which run of the machine this is, and how long it has lasted: what makes stored process ids and ages
// meaningful.
#pragma once

#include <chrono>
#include <string>

namespace gestvenv {

/// A UUID that changes with every boot (random(4)); empty where /proc does not tell. Thread-safe.
const std::string& boot_id();

/// Time since boot, time asleep included (CLOCK_BOOTTIME, clock_gettime(2)). Does not jump when the wall
/// clock does.
std::chrono::microseconds time_since_boot() noexcept;

} // namespace gestvenv
