// SPDX-License-Identifier: MIT
#include "net/terminal/session_tunnel.hpp"

#include "net/execution/descriptor_watch.hpp"
#include "net/execution/event_loop.hpp"
#include "system/posix/system_failure.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unistd.h>
#include <utility>

namespace gestvenv::terminal {

namespace {

constexpr std::size_t piece_size = std::size_t{32} << 10;
/// Pieces passed on at a time, before other terminals have their turn.
constexpr int pieces_at_a_time = 16;
// RFC 6455, section 7.4.1.
constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t no_such_data = 1003;
constexpr std::uint16_t internal_error = 1011;

/// All of it happens on the terminals' thread; the WebSocket posts to it. Its watch and the WebSocket's functions keep it
/// alive, until it is closed.
class session_tunnel : public std::enable_shared_from_this<session_tunnel> {
public:
    session_tunnel(std::shared_ptr<execution::event_loop> loop, descriptor socket,
                   std::shared_ptr<http::web_socket> client)
        : loop_(std::move(loop)), socket_(std::move(socket)), client_(std::move(client)) {}

    void start() {
        client_->on_message([self = shared_from_this()](std::string message, bool binary) {
            self->post([self, binary, kept = std::move(message)]() mutable {
                self->heard(std::move(kept), binary);
            });
        });
        client_->on_gone([self = shared_from_this()] { self->post([self] { self->client_gone(); }); });
        client_->start();
        watch();
    }

private:
    void post(std::function<void()> task) { loop_->post(std::move(task)); }

    /// Waits for all that can be gone on with, or for nothing.
    void watch() {
        const std::uint32_t wanted = (full_ ? 0U : EPOLLIN) | (to_session_.empty() ? 0U : EPOLLOUT);
        auto done = watched_.want(loop_->events(), socket_.get(), socket_ ? wanted : 0U,
                                  [self = shared_from_this()](std::uint32_t news) { self->ready(news); });
        if (!done)
            close(internal_error, done.error().message);
    }

    void unwatch() { watched_.stop(loop_->events(), socket_.get()); }

    void ready(std::uint32_t news) {
        auto self = shared_from_this(); // its watch may end here
        if ((news & EPOLLOUT) != 0)
            write();
        if ((news & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
            read();
        watch();
    }

    void read() {
        std::array<char, piece_size> piece{};
        for (int count = 0; socket_ && !full_ && count < pieces_at_a_time; ++count) {
            const auto size = ::read(socket_.get(), piece.data(), piece.size());
            if (size < 0 && errno == EINTR)
                continue;
            if (size < 0 && errno == EAGAIN)
                return;
            if (size <= 0)
                return close(normal_closure, "the session's connection has ended");
            send({piece.data(), static_cast<std::size_t>(size)});
        }
    }

    void send(std::string piece) {
        if (client_->send(std::move(piece), true))
            return;
        full_ = true;
        client_->on_room([self = shared_from_this()] {
            self->post([self] {
                self->full_ = false;
                self->watch();
            });
        });
    }

    void heard(std::string message, bool binary) {
        if (!socket_)
            return client_->more();
        if (!binary)
            return close(no_such_data, "a session has no text messages");
        to_session_ += message;
        write();
        watch();
    }

    /// The next message is taken when the last one is gone.
    void write() {
        while (!to_session_.empty()) {
            const auto size = ::send(socket_.get(), to_session_.data(), to_session_.size(), MSG_NOSIGNAL);
            if (size > 0)
                to_session_.erase(0, static_cast<std::size_t>(size));
            else if (size < 0 && errno == EAGAIN)
                return;
            else if (size == 0 || errno != EINTR)
                to_session_.clear(); // it has closed; what it has said before is still read
        }
        client_->more();
    }

    void client_gone() {
        unwatch();
        socket_.reset();
        client_->on_message(nullptr); // it holds this
    }

    void close(std::uint16_t code, std::string_view reason) {
        unwatch();
        socket_.reset();
        client_->on_message(nullptr);
        client_->close(code, reason);
    }

    std::shared_ptr<execution::event_loop> loop_;
    descriptor socket_;
    std::shared_ptr<http::web_socket> client_;
    execution::descriptor_watch watched_;
    /// Of one message of the client.
    std::string to_session_;
    /// The client has no room.
    bool full_ = false;
};

} // namespace

outcome<session_sockets> make_session_sockets() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        return system_failure(errno, "cannot make a pair of sockets");
    return session_sockets{descriptor{ends[0]}, descriptor{ends[1]}};
}

void carry_session(node_services& node, std::shared_ptr<execution::event_loop> loop,
                   const std::shared_ptr<session_sockets>& sockets, std::shared_ptr<http::web_socket> client,
                   session_place where) {
    serve_session(node, loop, std::move(sockets->of_session), std::move(where));
    auto tunnel = std::make_shared<session_tunnel>(loop, std::move(sockets->of_tunnel), std::move(client));
    loop->post([tunnel] { tunnel->start(); });
}

} // namespace gestvenv::terminal
