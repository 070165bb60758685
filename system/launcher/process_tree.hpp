// SPDX-License-Identifier: MIT
// Killing a process tree where neither a pid namespace nor a cgroup holds it together: best effort, but it
// converges on a fork bomb, which a plain walk does not.
#pragma once

#include "system/posix/process_facts.hpp"

#include <sys/types.h>

#include <chrono>
#include <vector>

namespace gestvenv {

struct found_process {
    pid_t pid;
    pid_t parent;
    /// As start_time_of().
    unsigned long long start_time;
};

/// Every living descendant of `root` (not itself), as the caller's /proc shows it at this moment. Zombies are
/// gone; a process whose first thread alone has ended is not. None when /proc cannot be opened. A look takes
/// its time: what is born during it may be missing when its parent ends during it.
std::vector<pid_t> living_descendants(pid_t root);

/// Kills every descendant of `root`: first takes from each the right to fork and stops it, until a pass finds
/// no new one, then kills, and repeats until none is left or `limit` has passed. Returns those still alive.
/// Processes that leave the tree by a double fork stay in it as long as `root` is a subreaper (prctl(2),
/// PR_SET_CHILD_SUBREAPER). The children named in `except` are spared, with all of theirs. `root` itself is
/// returned when it could not be seen that none is left, for want of a descriptor to look with, say.
///
/// `root` must not reap its children meanwhile (it is the caller, or is stopped): a child that ends while a
/// look is taken may have hidden its own from that look, and is known to have ended by its zombie.
std::vector<pid_t> kill_descendants(pid_t root, std::chrono::milliseconds limit,
                                    const std::vector<pid_t>& except = {});

struct killing_pass {
    /// These were signalled, and may have ended since.
    std::vector<found_process> found;
    /// Whether no process can have been overlooked: there was a descriptor to look with, and `root` had no
    /// child that had ended.
    bool complete = false;
};

/// One pass of the same, for callers that come back, and have reaped the children of `root` before.
killing_pass kill_descendants_once(pid_t root, const std::vector<pid_t>& except = {});

/// Sends `signal_number` to every descendant of `root` once.
void signal_descendants(pid_t root, int signal_number);

} // namespace gestvenv
