// SPDX-License-Identifier: MIT
// The last words of a program that cannot go on.
#pragma once

namespace gestvenv::cli {

/// std::terminate says what happened, as every other error does. Where threads or memory ran out it ends with
/// the status of our own failures; anything else is a fault of the program and aborts, so that a core is
/// written. Environments are undone by the launcher, which sees the end of this process. Call once, from
/// main.
void install_terminate_handler() noexcept;

} // namespace gestvenv::cli
