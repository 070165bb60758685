// SPDX-License-Identifier: MIT
// The program as a function: from the words of the command line to the exit status.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// Whether the program ends by `_exit` as soon as it has its status, which leaves threads to the kernel.
/// Sanitizers report at a usual end.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool ends_without_destructors = false;
#else
inline constexpr bool ends_without_destructors = true;
#endif

/// What `act` returns; an exception that it lets through is reported, and the status is of it.
int with_exceptions_reported(const std::function<int()>& act);

/// Call once, from main.
int run_program(const std::vector<std::string>& words);

} // namespace gestvenv::cli
