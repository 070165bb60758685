// SPDX-License-Identifier: MIT
// One request and what is answered to it.
#pragma once

#include "net/http/message.hpp"
#include "system/posix/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gestvenv::http {

/// A response body of unknown length, sent as it comes (chunked). Thread-safe; never blocks.
class body_stream {
public:
    body_stream() = default;
    body_stream(const body_stream&) = delete;
    body_stream& operator=(const body_stream&) = delete;
    /// Ends the connection, unless the end was said: the client sees that something is missing.
    virtual ~body_stream() = default;

    /// Queues a piece. False: more than `stream_buffer` (limits.hpp) waits for the client now; the writer should wait for
    /// `on_room`. What is written all the same is queued up to twice that; beyond it the connection is ended. True also
    /// when the client is gone: what is written then is dropped.
    virtual bool write(std::string piece) = 0;
    /// Called once, on the server's thread, after a `write` that returned false.
    virtual void on_room(std::function<void()> resume) = 0;
    virtual void end() = 0;
    /// Called once, on the server's thread, when the client is gone before the end.
    virtual void on_gone(std::function<void()> hear) = 0;
};

/// A WebSocket connection (RFC 6455) after its opening. Thread-safe; never blocks.
class web_socket {
public:
    web_socket() = default;
    web_socket(const web_socket&) = delete;
    web_socket& operator=(const web_socket&) = delete;
    /// Closes it.
    virtual ~web_socket() = default;

    /// As body_stream::write.
    virtual bool send(std::string message, bool binary) = 0;
    virtual void on_room(std::function<void()> resume) = 0;
    /// Set before `start`. Messages arrive on the server's thread; the next one is given when the handler has called
    /// `more`. While one waits for it nothing is read, and an idle client is not ended.
    virtual void on_message(std::function<void(std::string message, bool binary)> hear) = 0;
    virtual void on_gone(std::function<void()> hear) = 0;
    virtual void start() = 0;
    virtual void more() = 0;
    /// Code and reason as in section 7.4 of the RFC.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// Answered exactly once. Thread-safe; never blocks. One that is dropped without an answer is answered with 500.
class exchange {
public:
    exchange() = default;
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;
    virtual ~exchange() = default;

    virtual const request& asked() const noexcept = 0;
    virtual void answer(response whole) = 0;
    /// Answers with a head (its body is empty) and a body that follows.
    virtual std::shared_ptr<body_stream> begin(response head) = 0;
    /// Called once, on the server's thread, when the client closes the connection before the answer; at once, if it has
    /// done so. A client of a Unix socket that only ends writing (SHUT_WR) is not gone. Over TCP that cannot be told
    /// from closing: this is called, and an answer that is given all the same is sent, but no streamed one.
    virtual void on_gone(std::function<void()> hear) = 0;
    /// For a request to upgrade, on a Unix socket: answers with 101 and `protocol`, and hands over the socket,
    /// non-blocking, on the server's thread. Nothing that the client sends before the 101 is accepted. `taken` gets
    /// an empty descriptor where this fails; the request is then answered with 400.
    virtual void upgrade(std::string_view protocol, std::function<void(descriptor socket)> taken) = 0;
    /// For a request to upgrade to a WebSocket, whose `Origin` the handler has checked: opens it. `opened` gets
    /// null where the request is no such one (it is then answered with 400 or 426).
    virtual void open_web_socket(std::function<void(std::shared_ptr<web_socket>)> opened) = 0;
};

} // namespace gestvenv::http
