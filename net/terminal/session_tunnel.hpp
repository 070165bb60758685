// SPDX-License-Identifier: MIT
// The node's side of a terminal session that is carried over a WebSocket: binary messages are pieces of the same stream of
// frames that an upgraded connection of the Unix socket has (messages.hpp). Where a piece ends has no meaning.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/exchange.hpp"
#include "net/terminal/session_connection.hpp"

#include <memory>

namespace gestvenv::terminal {

/// The sockets between the WebSocket and the session's connection.
struct session_sockets {
    descriptor of_tunnel;
    descriptor of_session;
};

/// Error: there are no descriptors left.
outcome<session_sockets> make_session_sockets();

/// From now on the WebSocket carries a session. A client that goes is detached.
void carry_session(node_services& node, std::shared_ptr<execution::event_loop> loop,
                   const std::shared_ptr<session_sockets>& sockets, std::shared_ptr<http::web_socket> client,
                   session_place where);

} // namespace gestvenv::terminal
