// SPDX-License-Identifier: MIT
// The program gestvenv-bench behind its main function.
#pragma once

#include <span>
#include <string>

namespace gestvenv::bench {

/// Returns the exit status: 0, 1 when something failed to run, 2 for a bad command line. Never throws.
int run_program(std::span<const std::string> words) noexcept;

} // namespace gestvenv::bench
