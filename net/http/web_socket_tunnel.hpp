// SPDX-License-Identifier: MIT
// A WebSocket of a server (RFC 6455), whose stream of bytes is a socket of this process: what is written to it goes as
// binary messages, and those that come are read from it. Where one ends has no meaning.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/client.hpp"
#include "net/http/message.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <variant>

namespace gestvenv::http {

/// Has a thread of its own, without signals. Bounded in both directions.
class web_socket_tunnel {
public:
    /// Or the answer by which the server refuses it.
    using opened = std::variant<std::unique_ptr<web_socket_tunnel>, response>;

    /// `what` is a GET without the fields of an upgrade. Waits for `limit` at most, twice: for the connection and for the
    /// answer. Error: node_unreachable.
    static outcome<opened> open(const server_address& where, const request& what,
                                std::chrono::milliseconds limit);
    web_socket_tunnel(const web_socket_tunnel&) = delete;
    web_socket_tunnel& operator=(const web_socket_tunnel&) = delete;
    /// What was written to the socket before it was closed is still sent, as far as the server takes it soon.
    ~web_socket_tunnel();

    /// This process's end, once. It is at its end when the server has closed the WebSocket, and when the connection is
    /// lost; closing it closes the WebSocket.
    descriptor take_end() noexcept { return std::move(end_); }
    /// Why the connection was lost; empty: it was not.
    std::string why_lost() const;

private:
    class implementation;
    web_socket_tunnel(std::shared_ptr<implementation> inside, descriptor end);

    std::shared_ptr<implementation> inside_;
    descriptor end_;
};

} // namespace gestvenv::http
