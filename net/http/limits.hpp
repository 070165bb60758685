// SPDX-License-Identifier: MIT
// Bounds on what clients may take of a server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gestvenv::http {

struct limits {
    /// Request line and header fields together: 431.
    std::size_t header_bytes = 16 << 10;
    /// Connections at a time over all listeners; further ones are answered with 503 and closed.
    std::size_t connections = 4096;
    /// Requests without an answer at a time, those with a streamed answer not counted: 503 with `Retry-After`.
    std::size_t requests_in_flight = 1024;
    /// From a connection's beginning to the end of a TLS handshake; from a request's first byte to the end of its
    /// header: 408.
    std::chrono::milliseconds handshake{5'000};
    std::chrono::milliseconds header{10'000};
    /// Between two pieces of a body, and for a whole body in memory: 408.
    std::chrono::milliseconds body_piece{10'000};
    std::chrono::milliseconds body{60'000};
    /// Until a client has taken some of what is written to it; then the connection is ended.
    std::chrono::milliseconds write{30'000};
    /// Between two requests of a connection.
    std::chrono::milliseconds idle{60'000};
    /// What may wait for a client of a streamed answer or a WebSocket.
    std::size_t stream_buffer = 256 << 10;
    /// A message of a WebSocket.
    std::size_t message_bytes = 1 << 20;
};

/// What a handler takes of a body.
struct body_rule {
    /// More is refused with 413 before it is read, where its length is declared, and at this size, where not.
    std::uint64_t most_bytes = 0;
    /// Into an unnamed file in place of memory.
    bool in_file = false;
};

} // namespace gestvenv::http
