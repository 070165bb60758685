// SPDX-License-Identifier: MIT
// Bytes over a connected, non-blocking socket, with TLS or without. SIGPIPE is never raised.
#pragma once

#include <cstddef>
#include <string>
#include <sys/uio.h>

namespace gestvenv::http {

struct progress {
    enum class kind {
        done,
        wants_read,
        wants_write,
        /// The other side will not write any more.
        ended,
        failed,
    };
    kind how = kind::failed;
    std::size_t bytes = 0;
    /// Why it failed.
    std::string reason = {};
};

class byte_stream {
public:
    byte_stream() = default;
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;
    virtual ~byte_stream() = default;

    /// To be done before all else; at once where there is no TLS.
    virtual progress handshake() = 0;
    virtual progress read(char* into, std::size_t room) = 0;
    /// A write that was not `done` is repeated with the same bytes, or more behind them.
    virtual progress write(const iovec* pieces, std::size_t count) = 0;
    /// Tells the other side that nothing follows.
    virtual void finish_writing() noexcept = 0;
    /// Whether bytes wait here, so that the socket need not become readable for them.
    virtual bool has_pending() const noexcept = 0;
    virtual bool encrypted() const noexcept = 0;
};

class plain_stream final : public byte_stream {
public:
    /// The socket stays the caller's.
    explicit plain_stream(int socket) noexcept : socket_(socket) {}

    progress handshake() override { return {progress::kind::done}; }
    progress read(char* into, std::size_t room) override;
    progress write(const iovec* pieces, std::size_t count) override;
    void finish_writing() noexcept override;
    bool has_pending() const noexcept override { return false; }
    bool encrypted() const noexcept override { return false; }

private:
    int socket_;
};

} // namespace gestvenv::http
