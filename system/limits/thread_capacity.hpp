// SPDX-License-Identifier: MIT
// Threads that cannot be started, found out before it hurts: a library that starts several of them cannot
// undo the first where the last one fails.
#pragma once

#include "messages/outcome.hpp"

namespace gestvenv {

/// Starts so many threads at once, under the caller's signal mask, and ends them again; about 10 us each.
outcome<void> check_thread_capacity(unsigned count);

/// What the errno value of a thread that could not be started means.
error thread_failure(int error_number);

} // namespace gestvenv
