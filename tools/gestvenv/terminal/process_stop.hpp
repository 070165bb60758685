// SPDX-License-Identifier: MIT
// Stopping this program itself, as a job of a shell.
#pragma once

namespace gestvenv::cli {

/// Stops the process by this signal (SIGTSTP, SIGTTIN, SIGTTOU), which the calling thread may have blocked,
/// until it is continued. False: it was not stopped, since nothing is there that would continue it
/// (setpgid(2): an orphaned group).
bool stop_this_process(int signal) noexcept;

} // namespace gestvenv::cli
