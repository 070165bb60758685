// SPDX-License-Identifier: MIT
// A WebSocket on a connection of a server, by Boost.Beast (RFC 6455).
#pragma once

#include "net/http/exchange.hpp"

#include <functional>
#include <memory>

namespace gestvenv::http {

class connection;
class outgoing_queue;

bool is_web_socket_request(const request& asked);
/// Answers with 101 and takes over the connection. `opened` gets null where the client is gone before. Returns what
/// hears when the connection is lost.
std::shared_ptr<outgoing_queue> start_web_socket(std::shared_ptr<connection> over, const request& asked,
                                                 std::function<void(std::shared_ptr<web_socket>)> opened);

} // namespace gestvenv::http
