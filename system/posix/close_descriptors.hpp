// SPDX-License-Identifier: MIT
// Closing what is not named: close_range(2), and where a kernel (before 5.9) or a filter has none, by
// /proc/self/fd or one after the other.
#pragma once

#include <vector>

namespace gestvenv {

/// Closes the descriptors from `first` to `last`, both included. Makes bare system calls only, so that it may
/// run in a child that shares its parent's memory.
void close_descriptors(unsigned first, unsigned last = ~0U) noexcept;

/// The same, but at the next execve(2).
void close_descriptors_on_execute(unsigned first, unsigned last = ~0U) noexcept;

/// Closes all but these.
void close_all_but(std::vector<int> kept);

} // namespace gestvenv
