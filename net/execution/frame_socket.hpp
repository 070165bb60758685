// SPDX-License-Identifier: MIT
// Whole frames and descriptors over a stream socket that never blocks.
#pragma once

#include "messages/outcome.hpp"
#include "messages/wire.hpp"
#include "net/execution/messages.hpp"
#include "system/posix/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gestvenv::execution {

/// Not thread-safe. Errors end the connection: what comes after a bad frame has no meaning.
class frame_socket {
public:
    struct frame {
        kind what = kind::start;
        std::string body;
    };

    /// Frames and descriptors of the other side above these bounds are errors.
    frame_socket(descriptor socket, std::size_t largest_frame, std::size_t most_received)
        : socket_(std::move(socket)), largest_frame_(largest_frame), most_received_(most_received) {}

    int get() const noexcept { return socket_.get(); }
    void close() noexcept;

    /// Takes from the socket what is there, about 64 KiB at most, so that one busy peer does not keep others waiting.
    /// False: the other side has closed its end.
    outcome<bool> read();
    /// The next frame that has come whole.
    outcome<std::optional<frame>> next();
    /// What has come so far, all close-on-exec.
    std::vector<descriptor> take_descriptors() { return std::exchange(received_, {}); }
    bool has_descriptors() const noexcept { return !received_.empty(); }

    template <class Body>
    void queue(kind what, Body body, std::vector<descriptor> attached = {}) {
        queue_bytes(what, wire::to_bytes(body), std::move(attached));
    }
    /// Sends what the socket takes; drops it where the other side has closed its end.
    outcome<void> flush();
    /// Bytes that wait.
    std::size_t waiting() const noexcept { return waiting_; }

private:
    struct item {
        std::string bytes;
        std::size_t sent = 0;
        std::vector<descriptor> attached;
    };

    void queue_bytes(kind what, std::string body, std::vector<descriptor> attached);
    outcome<std::size_t> send_some(item& first);

    descriptor socket_;
    std::size_t largest_frame_;
    std::size_t most_received_;
    std::string incoming_;
    std::size_t taken_ = 0;
    std::vector<descriptor> received_;
    std::deque<item> outgoing_;
    std::size_t waiting_ = 0;
};

} // namespace gestvenv::execution
