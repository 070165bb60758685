// SPDX-License-Identifier: MIT
#include "net/node/peer_check.hpp"

#include "system/posix/process_facts.hpp"

#include <unistd.h>

namespace gestvenv {

namespace {

// Deeper trees of processes are not served.
constexpr int most_ancestors = 256;

} // namespace

// What is started inside an environment stays below its keeper, also as a daemon (PR_SET_CHILD_SUBREAPER, pid
// namespaces), and keepers are below the launcher.
bool runs_below(pid_t launcher, pid_t process) {
    for (int step = 0; step < most_ancestors; ++step) {
        if (process == launcher)
            return true;
        if (process <= 1)
            return false;
        auto facts = process_facts::of(process);
        if (!facts)
            return true;
        process = facts->parent;
    }
    return true;
}

bool may_connect(const http::peer::process& from, pid_t launcher) {
    if (from.uid != ::geteuid() && from.uid != 0)
        return false;
    // 0: of a pid namespace that this one does not see. A container that was given the socket is the user's doing.
    return from.pid == 0 || !runs_below(launcher, from.pid);
}

} // namespace gestvenv
