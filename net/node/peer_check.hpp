// SPDX-License-Identifier: MIT
// Who may speak to a node over its Unix socket.
#pragma once

#include "net/http/message.hpp"

#include <sys/types.h>

namespace gestvenv {

/// Whether a process is this one's descendant by way of its launcher: what runs in an environment of this node. True
/// also for one that cannot be traced up to the first process.
bool runs_in_environment_of(pid_t node, pid_t process);

/// This user and root, unless from inside one of the environments of this process.
bool may_connect(const http::peer::process& from);

} // namespace gestvenv
