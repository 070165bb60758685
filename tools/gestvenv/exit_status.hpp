// SPDX-License-Identifier: MIT
// The exit statuses of `gestvenv run` that are not the command's own, as env(1), timeout(1) and shells have
// them.
#pragma once

#include <gestvenv/error.hpp>

namespace gestvenv::cli::exit_status {

/// Of `config get`.
inline constexpr int unset = 1;
/// There is no environment, or token, of that name; `gestvenv run` has internal_error for it.
inline constexpr int unknown = 1;
inline constexpr int usage = 2;
inline constexpr int timed_out = 124;
/// A failure of ours: creation, installation, teardown, output.
inline constexpr int internal_error = 125;
inline constexpr int not_executable = 126;
inline constexpr int not_found = 127;
inline constexpr int signal_base = 128;
/// Of a console's command that is ended by Ctrl-C; 2 is SIGINT.
inline constexpr int interrupted = signal_base + 2;

constexpr int of(error_code code) noexcept {
    switch (code) {
    case error_code::invalid_argument:
        return usage;
    case error_code::command_timed_out:
        return timed_out;
    case error_code::command_not_executable:
        return not_executable;
    case error_code::command_not_found:
        return not_found;
    default:
        return internal_error;
    }
}

} // namespace gestvenv::cli::exit_status
