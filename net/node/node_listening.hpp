// SPDX-License-Identifier: MIT
// The sockets of a node: the Unix one, or those of the service manager, and TCP with or without TLS.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/server.hpp"
#include "net/node/node.hpp"
#include "system/posix/descriptor.hpp"

#include <string>
#include <vector>

namespace gestvenv {

struct node_listening {
    /// The path of the Unix socket.
    std::string socket;
    /// Whether this node made it, and removes it.
    bool made_socket = false;
    /// Of TCP, with the scheme.
    std::vector<std::string> addresses;
    /// By which TCP clients may call the node, without the port.
    std::vector<std::string> host_names;
};

/// Lets `server`, which is not started yet, listen at all that `options` ask for; at `handed_over` in the place of a
/// Unix socket of its own, where there are such. Error: also for an address that other machines reach, without TLS.
outcome<node_listening> listen_for_node(http::server& server, const node_options& options,
                                        std::vector<descriptor> handed_over);

} // namespace gestvenv
