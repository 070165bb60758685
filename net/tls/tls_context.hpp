// SPDX-License-Identifier: MIT
// TLS 1.2 and 1.3 by OpenSSL, whose headers are seen in this folder only.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/byte_stream.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace gestvenv::http {

struct tls_identity;

/// What connections of one side have in common. Thread-safe.
class tls_context {
public:
    static outcome<std::shared_ptr<tls_context>> for_server(const tls_identity& identity);
    /// `authorities` is a PEM file; empty: the system's (SSL_CERT_FILE and SSL_CERT_DIR are honoured).
    static outcome<std::shared_ptr<tls_context>> for_client(const std::string& authorities);
    explicit tls_context(ssl_ctx_st* made) noexcept : made_(made) {}
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context();

    /// The socket stays the caller's. Null: no memory.
    std::unique_ptr<byte_stream> accept(int socket) const;
    /// The server has to prove that it is `host`, a name or an address.
    std::unique_ptr<byte_stream> connect(int socket, const std::string& host) const;

private:
    ssl_ctx_st* made_;
};

} // namespace gestvenv::http
