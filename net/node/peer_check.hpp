// SPDX-License-Identifier: MIT
// Who may speak to a node over its Unix socket.
#pragma once

#include "net/http/message.hpp"

#include <sys/types.h>

namespace gestvenv {

/// Whether a process is a descendant of this launcher: what runs in an environment. True also for one that cannot be
/// traced up to the first process.
bool runs_below(pid_t launcher, pid_t process);

/// This user and root, unless from inside an environment of this launcher.
bool may_connect(const http::peer::process& from, pid_t launcher);

} // namespace gestvenv
