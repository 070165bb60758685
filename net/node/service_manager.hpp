// SPDX-License-Identifier: MIT
// systemd as the node's parent, without its library: sd_listen_fds(3) and sd_notify(3) are a few variables.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Sockets that listen already, handed over by LISTEN_FDS and LISTEN_PID; close-on-exec from now on. The variables
/// are taken out of the process's. Call it once, before there are other threads.
outcome<std::vector<descriptor>> sockets_handed_over();

/// The path of a Unix socket; empty for one of another kind, or without a path.
std::string path_of_socket(int socket);

/// Tells the service manager (NOTIFY_SOCKET), if there is one: `READY=1`, `STOPPING=1`, `STATUS=...`.
outcome<void> notify_service_manager(std::string_view state);

} // namespace gestvenv
