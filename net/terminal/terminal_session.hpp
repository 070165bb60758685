// SPDX-License-Identifier: MIT
// A command on a terminal, and a client at the other end of a WebSocket. Binary messages are bytes of the terminal in
// both directions, text messages are JSON. From the client: terminal_control.hpp. From the node:
//
//     {"operation": "ID"}            first: as what it is listed and can be cancelled
//     {"stopped": "TSTP"}            the program was stopped; {"signal": "CONT"} continues it
//     {"refused": {...}}             a control message was no good; the session goes on
//     {"exit": {...}}                an operation_result; then the socket is closed with 1000
//     {"problem": {...}}             an error in its place; then the socket is closed with 1011
//
// A client that does not read makes the program wait, and a program that does not read the client. A client that goes is
// a hangup: the program is asked to end, and killed after the runtime's `stop_grace`.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/exchange.hpp"
#include "net/terminal/terminal_command.hpp"

#include <memory>

namespace gestvenv::terminal {

class terminal_session;

/// Makes the terminal. Errors: those of the system, and of a thread that cannot be started.
outcome<std::shared_ptr<terminal_session>> open_session(node_services& node, terminal_request wish);

/// Starts the command. The session lives as long as either end.
void start_session(const std::shared_ptr<terminal_session>& session,
                   std::shared_ptr<http::web_socket> client);

} // namespace gestvenv::terminal
