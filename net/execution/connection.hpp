// SPDX-License-Identifier: MIT
// What both ends of a command's channel have in common.
#pragma once

#include "messages/outcome.hpp"
#include "net/execution/event_loop.hpp"
#include "net/execution/frame_socket.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace gestvenv::execution {

/// Lives on the loop's thread once opened: its watch keeps it alive until it is closed.
class connection : public std::enable_shared_from_this<connection> {
public:
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    virtual ~connection() = default;

protected:
    connection(std::shared_ptr<event_loop> loop, frame_socket socket)
        : loop_(std::move(loop)), socket_(std::move(socket)) {}

    // On the loop's thread.

    void open();
    bool is_open() const noexcept { return open_; }
    template <class Body>
    void send(kind what, Body body, std::vector<descriptor> attached = {}) {
        if (!is_open())
            return;
        socket_.queue(what, std::move(body), std::move(attached));
        send_waiting();
    }
    std::size_t waiting() const noexcept { return socket_.waiting(); }
    std::vector<descriptor> take_descriptors() { return socket_.take_descriptors(); }
    bool has_descriptors() const noexcept { return socket_.has_descriptors(); }
    /// Closes it when all is sent, or when nothing could be sent for `patience`.
    void close_when_sent(std::chrono::milliseconds patience);
    void close();
    /// `late` is called after that time, unless another deadline has replaced it; 0: never.
    void set_deadline(std::chrono::milliseconds after);
    /// Nothing is read meanwhile; the end of the other side is not noticed, and the loop keeps the connection alive.
    void pause();
    void go_on();

    /// A frame has come. An error ends the connection.
    virtual outcome<void> take(frame_socket::frame what) = 0;
    /// Something was sent.
    virtual void sent() {}
    virtual void late() = 0;
    /// Called once, unless this side has closed it: the other side is gone (`why` is null), or has sent what cannot be;
    /// then the other side may still be told, by close_when_sent().
    virtual void ended(const error* why) = 0;

    const std::shared_ptr<event_loop>& loop() const noexcept { return loop_; }

private:
    void watch();
    void handle(std::uint32_t events);
    void read();
    void deliver();
    void send_waiting();
    void fail(const error* why);

    std::shared_ptr<event_loop> loop_;
    frame_socket socket_;
    bool open_ = false;
    /// 0 while paused.
    reactor::token token_ = 0;
    bool at_end_ = false;
    bool wants_room_ = false;
    bool paused_ = false;
    bool closing_ = false;
    /// What comes after a bad frame has no meaning.
    bool failed_ = false;
    std::chrono::milliseconds send_patience_{0};
};

} // namespace gestvenv::execution
