// SPDX-License-Identifier: MIT
// An HTTP/1.1 client over one Unix or TLS connection, for threads that wait.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/message.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::http {

/// Where a server is.
struct server_address {
    /// Path of a Unix socket; empty: `host` and `port` over TCP.
    std::string socket;
    std::string host;
    std::uint16_t port = 0;
    bool encrypted = false;
    /// PEM file of the authorities that are trusted; empty: the system's. `SSL_CERT_FILE` is honoured by it.
    std::string authorities;
};

struct client_deadlines {
    std::chrono::milliseconds connect{5'000};
    /// Until the head of an answer; unset: as long as the server takes.
    std::optional<std::chrono::milliseconds> answer;
    /// Between two pieces of a body; unset: any time.
    std::optional<std::chrono::milliseconds> piece;
};

/// One request at a time; not thread-safe, but `cancel`. Errors: `node_unreachable` with the reason, and
/// `cancelled`.
class client {
public:
    static outcome<client> connect(const server_address& where, const client_deadlines& bounds);
    client(client&&) noexcept;
    client& operator=(client&&) noexcept;
    ~client();

    /// The answer with its whole body, of `most_bytes` at most.
    outcome<response> ask(const request& what, std::size_t most_bytes = 64 << 20);
    /// The body goes to `take` piece by piece; false from it ends the connection. `begun`, if there is one, hears the
    /// head of the answer first.
    outcome<response> ask_streamed(const request& what,
                                   const std::function<bool(std::string_view piece)>& take,
                                   const std::function<void(const response& head)>& begun = {});
    /// Asks for an upgrade on a Unix socket; the connection is the caller's after a 101, blocking, and an error with
    /// the refusal's body otherwise.
    outcome<descriptor> upgrade(const request& what, std::string_view protocol);
    /// From any thread: the request under way, or the next, fails with `cancelled`.
    void cancel() noexcept;

private:
    struct implementation;
    explicit client(std::unique_ptr<implementation> inside);
    std::unique_ptr<implementation> inside_;
};

} // namespace gestvenv::http
