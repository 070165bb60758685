// SPDX-License-Identifier: MIT
// The guard of a command: a process between keeper and program.
#pragma once

#include "system/launcher/command_start.hpp"
#include "system/process/protocol.hpp"

#include <functional>
#include <sys/types.h>

namespace gestvenv {

/// What a guard keeps open.
struct guard_descriptors {
    int reports = -1;
    /// The program's controlling terminal, or -1.
    int terminal = -1;
};

/// Adopts what the program leaves behind, so that its descendants can be found where no group holds them;
/// leads the session of its terminal where it has one, so that the program's group can be stopped and
/// continued as a job (the kernel lets Ctrl-Z pass by a group in whose session nothing else is). Passes
/// signals on and reports when the program was stopped and when it ended. `become` runs in the program's
/// process, and does not return.
[[noreturn]] void guard_program(const guard_descriptors& kept, const std::function<void()>& become);

/// Has a guard pass a signal on.
void signal_by_guard(pid_t guard, const protocol::signal& what);

/// Has a guard stay until the last descendant has ended, before it reports; or report as soon as the program
/// has.
void let_guard_wait(pid_t guard, bool for_all);

} // namespace gestvenv
