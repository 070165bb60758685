// SPDX-License-Identifier: MIT
// A pair of connected ends that carry whole messages and descriptors between runtime, launcher and keepers.
// Not a stream: a message arrives whole or not at all.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv {

/// Largest message, in bytes. Covers the kernel's own bound on the arguments of a program (2 MiB) with room.
inline constexpr std::size_t largest_message = 4u << 20;

/// Most descriptors in one message: three streams, a terminal, and what a command is passed. The kernel takes
/// 253.
inline constexpr std::size_t most_descriptors = 4 + 64;

/// What a message begins with that tells which one it is: protocol::header. It is readable even where the
/// rest cannot be taken.
inline constexpr std::size_t message_head_bytes = 9;

/// A message that is ready to be sent: what could fail for want of memory or descriptors has been done.
class packet {
public:
    /// A long message goes into a sealed memory file (memfd_create(2); where there is none, into a file
    /// without a name), because a socket buffer is small. `invalid_argument` where it is longer than
    /// `largest_message`.
    static outcome<packet> make(std::string bytes);

private:
    friend class channel;
    /// The message, or the head of one that lies in `memory_file`.
    std::string bytes_;
    descriptor memory_file_;
};

/// One end. Never blocks. Not thread-safe. Writing to a peer that is gone is an error, never a signal.
class channel {
public:
    struct message {
        std::string bytes;
        std::vector<descriptor> descriptors;
        /// Set where descriptors, or the memory file with the bytes, could not be taken, for want of a free
        /// descriptor in this process, say. `bytes` has at least the head.
        std::optional<error> incomplete;
    };

    enum class status { ok, would_block, closed };

    channel() = default;
    explicit channel(descriptor socket) noexcept : socket_(std::move(socket)) {}

    /// Two connected ends, both close-on-exec and non-blocking.
    static outcome<std::pair<channel, channel>> pair();

    explicit operator bool() const noexcept { return static_cast<bool>(socket_); }
    int get() const noexcept { return socket_.get(); }
    descriptor release() noexcept { return std::move(socket_); }
    void reset() noexcept { socket_.reset(); }
    /// Whether the kernel says that a message can be sent.
    bool has_room() const noexcept;

    /// Sends one message with copies of the descriptors. `would_block`: nothing was sent, try again when
    /// writable. An error is of this message alone: nothing was sent, and the next may well be.
    outcome<status> send(const packet& ready, std::span<const int> descriptors = {});
    outcome<status> send(std::string_view bytes, std::span<const int> descriptors = {});

    /// Takes the next message. `closed` once the other end is gone and everything it sent has been taken.
    /// Received descriptors are close-on-exec. A malformed message is an error.
    outcome<status> receive(message& target);

private:
    descriptor socket_;
};

} // namespace gestvenv
