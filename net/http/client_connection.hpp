// SPDX-License-Identifier: MIT
// The client's connection: bytes in and out with deadlines, for a thread that waits.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/byte_stream.hpp"
#include "net/http/client.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::http {

class tls_context;

using wait_clock = std::chrono::steady_clock;
/// Unset: as long as it takes.
using deadline = std::optional<wait_clock::time_point>;

/// The socket's path, or `host:port`.
std::string name_of(const server_address& where);
/// Why a server cannot be reached, and what to do.
tl::unexpected<error> unreachable(const server_address& where, const std::string& reason);

class client_connection {
public:
    /// `interrupt` is an eventfd: where it is set, waits end with `cancelled`.
    client_connection(const server_address& where, int interrupt) : where_(where), interrupt_(interrupt) {}

    outcome<void> open(deadline until);
    void close() noexcept;
    /// Whether a request may be sent: the server has neither ended the connection nor said what was not asked.
    bool usable() const noexcept;
    /// All of it. False: the server has begun to answer, or has ended the connection; what is left was not sent.
    outcome<bool> write(std::string_view bytes, deadline until);
    /// At least one byte, behind what `rest` has. False: the server has ended the connection.
    outcome<bool> read(std::string& rest, deadline until);
    /// The head of an answer, and not a byte behind it. Only without TLS.
    outcome<std::string> read_head_alone(deadline until);
    descriptor release() noexcept;
    /// What it consists of, for who goes on with it. Without TLS `security` is null.
    struct parts {
        descriptor socket;
        std::shared_ptr<tls_context> security;
        std::unique_ptr<byte_stream> stream;
    };
    parts take() noexcept;

private:
    outcome<descriptor> open_unix(deadline until) const;
    outcome<descriptor> open_tcp(deadline until) const;
    outcome<void> finish_connecting(int socket, deadline until) const;
    outcome<void> shake_hands(deadline until);
    /// True: one of the events of poll(2) is there.
    outcome<short> wait(int socket, short events, deadline until) const;
    outcome<progress> read_now(std::string& rest);

    server_address where_;
    int interrupt_;
    descriptor socket_;
    std::shared_ptr<tls_context> security_;
    std::unique_ptr<byte_stream> stream_;
};

} // namespace gestvenv::http
