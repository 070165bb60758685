// SPDX-License-Identifier: MIT
// An HTTP/1.1 server on Unix and TCP sockets, one thread.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/exchange.hpp"
#include "net/http/limits.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace gestvenv::http {

/// Certificate chain and key, as PEM text.
struct tls_identity {
    std::string certificates;
    std::string key;
};

/// What a server's requests go to. All functions run on the server's thread, must not block and must not throw.
class handler {
public:
    handler() = default;
    handler(const handler&) = delete;
    handler& operator=(const handler&) = delete;
    virtual ~handler() = default;

    /// A connection was made. False: it is closed at once.
    virtual bool admits(const peer& from) = 0;
    /// Header read, body not: an answer that refuses the request, or what is taken of its body.
    virtual std::variant<body_rule, response> begins(const request& head) = 0;
    virtual void handle(std::shared_ptr<exchange> what) = 0;
    /// The answer where there is no request for a handler: malformed, too large, too slow. `what` says which rule
    /// was broken.
    virtual response refusal(int status, std::string_view what) = 0;
};

struct server_load {
    std::size_t connections = 0;
    std::size_t requests_in_flight = 0;
    /// Streamed answers and WebSockets.
    std::size_t streams = 0;
};

/// Functions are thread-safe, except the constructor and the destructor.
class server {
public:
    /// The handler outlives the server.
    server(handler& handles, limits bounds);
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    /// Closes everything and joins its thread.
    ~server();

    /// Takes connections of a socket that listens already (unix(7), systemd's), or one that this makes. A TCP
    /// address is `127.0.0.1:8080` or `[::1]:8080`; port 0: any, and the answer names it.
    outcome<void> listen(descriptor listening);
    outcome<std::string> listen_tcp(std::string_view address, const tls_identity* identity);
    /// Starts the thread. Before it nothing is accepted.
    void start();
    /// No further connections; those without a request end at once, others after their answer. `done` runs on
    /// the server's thread when all have ended, or after `patience`, when the rest is closed.
    void drain(std::chrono::milliseconds patience, std::function<void()> done);
    server_load load() const noexcept;
    /// Runs `work` on the server's thread.
    void post(std::function<void()> work);
    /// Runs `work` there after a while, unless the server ends first.
    void post_after(std::chrono::milliseconds delay, std::function<void()> work);

private:
    struct implementation;
    std::unique_ptr<implementation> inside_;
};

} // namespace gestvenv::http
