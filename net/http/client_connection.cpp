// SPDX-License-Identifier: MIT
#include "net/http/client_connection.hpp"

#include "net/http/host_lookup.hpp"
#include "net/tls/tls_context.hpp"
#include "system/posix/system_failure.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <utility>

namespace gestvenv::http {

namespace {

constexpr std::size_t piece_size = 64 << 10;

std::string reason_of(int error_number) {
    return std::generic_category().message(error_number);
}

} // namespace

std::string name_of(const server_address& where) {
    if (!where.socket.empty())
        return where.socket;
    bool has_colon = where.host.find(':') != std::string::npos;
    return (has_colon ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

tl::unexpected<error> unreachable(const server_address& where, const std::string& reason) {
    return failure(error_code::node_unreachable,
                   "the node at " + name_of(where) + " cannot be reached: " + reason,
                   where.socket.empty()
                       ? "check the address, and that a node listens there"
                       : "`gestvenv node status` says whether a node runs, `gestvenv node start` starts one");
}

/// What of `events` has happened; 0: none until the deadline.
outcome<short> client_connection::wait(int socket, short events, deadline until) const {
    for (;;) {
        std::array<pollfd, 2> both{{{socket, events, 0}, {interrupt_, POLLIN, 0}}};
        int most = -1;
        if (until) {
            auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - wait_clock::now()).count();
            most = static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
        }
        auto ready = ::poll(both.data(), both.size(), most);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return system_failure(errno, "cannot wait for a connection");
        if ((both[1].revents & POLLIN) != 0) {
            eventfd_t taken = 0;
            static_cast<void>(::eventfd_read(interrupt_, &taken));
            return failure(error_code::cancelled, "the request to the node was cancelled");
        }
        return both[0].revents;
    }
}

outcome<void> client_connection::finish_connecting(int socket, deadline until) const {
    auto event = wait(socket, POLLOUT, until);
    if (!event)
        return failure(std::move(event.error()));
    if (*event == 0)
        return unreachable(where_, "it has not taken the connection in time");
    int failed = 0;
    socklen_t size = sizeof failed;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
        failed = errno;
    if (failed != 0)
        return unreachable(where_, reason_of(failed));
    return {};
}

outcome<descriptor> client_connection::open_unix(deadline until) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (where_.socket.size() >= sizeof address.sun_path)
        return unreachable(where_, "the path is too long for a socket");
    std::memcpy(address.sun_path, where_.socket.data(), where_.socket.size());
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        return system_failure(errno, "cannot make a socket");
    for (;;) {
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            return socket;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return unreachable(where_, reason_of(errno));
        // Its backlog is full, and no event says when it is not (unix(7)).
        auto pause = wait_clock::now() + std::chrono::milliseconds{5};
        if (until && *until <= pause)
            return unreachable(where_, "it has not taken the connection in time");
        if (auto waited = wait(-1, 0, pause); !waited)
            return failure(std::move(waited.error()));
    }
}

outcome<descriptor> client_connection::open_tcp(deadline until) const {
    host_lookup lookup{where_.host, where_.port};
    auto ready = wait(lookup.ready(), POLLIN, until);
    if (!ready)
        return failure(std::move(ready.error()));
    if (*ready == 0)
        return unreachable(where_, "its name was not resolved in time");
    auto found = lookup.take();
    auto last = unreachable(where_, found.reason);
    for (const auto& address : found.addresses) {
        descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        if (!socket) {
            last = unreachable(where_, reason_of(errno));
            continue;
        }
        if (::connect(socket.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
            last = unreachable(where_, reason_of(errno));
            continue;
        }
        auto connected = finish_connecting(socket.get(), until);
        if (connected) {
            int on = 1;
            static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
            return socket;
        }
        last = failure(std::move(connected.error()));
        if (last.value().code == error_code::cancelled)
            return last;
    }
    return last;
}

outcome<void> client_connection::shake_hands(deadline until) {
    for (;;) {
        auto result = stream_->handshake();
        if (result.how == progress::kind::done)
            return {};
        if (result.how == progress::kind::ended)
            return unreachable(where_, "it has ended the connection before TLS was set up");
        if (result.how == progress::kind::failed)
            return failure(
                error_code::node_unreachable,
                "the node at " + name_of(where_) + " cannot be reached: " + result.reason,
                "name the file of the authority that has issued the node's certificate, and the host as the "
                "certificate names it");
        auto event = wait(socket_.get(), result.how == progress::kind::wants_read ? POLLIN : POLLOUT, until);
        if (!event)
            return failure(std::move(event.error()));
        if (*event == 0)
            return unreachable(where_, "TLS was not set up in time");
    }
}

outcome<void> client_connection::open(deadline until) {
    close();
    if (where_.encrypted && !security_) {
        auto made = tls_context::for_client(where_.authorities);
        if (!made)
            return failure(std::move(made.error()));
        security_ = std::move(*made);
    }
    auto socket = where_.socket.empty() ? open_tcp(until) : open_unix(until);
    if (!socket)
        return failure(std::move(socket.error()));
    socket_ = std::move(*socket);
    if (!where_.encrypted) {
        stream_ = std::make_unique<plain_stream>(socket_.get());
        return {};
    }
    stream_ = security_->connect(socket_.get(), where_.host);
    if (!stream_)
        return unreachable(where_, "its name cannot be used for TLS");
    auto shaken = shake_hands(until);
    if (!shaken)
        close();
    return shaken;
}

void client_connection::close() noexcept {
    stream_.reset();
    socket_.reset();
}

bool client_connection::usable() const noexcept {
    if (!stream_)
        return false;
    pollfd now{socket_.get(), POLLIN, 0};
    // With TLS there may be tickets of its session.
    return ::poll(&now, 1, 0) == 0 ||
           (stream_->encrypted() && (now.revents & (POLLHUP | POLLERR | POLLRDHUP)) == 0);
}

outcome<progress> client_connection::read_now(std::string& rest) {
    auto before = rest.size();
    rest.resize(before + piece_size);
    auto result = stream_->read(rest.data() + before, piece_size);
    rest.resize(before + result.bytes);
    if (result.how == progress::kind::failed)
        return unreachable(where_, "the connection was lost: " + result.reason);
    return result;
}

outcome<bool> client_connection::write(std::string_view bytes, deadline until) {
    while (!bytes.empty()) {
        iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
        auto result = stream_->write(&piece, 1);
        if (result.how == progress::kind::done) {
            bytes.remove_prefix(result.bytes);
            continue;
        }
        // It has closed; its answer may lie there, and says why.
        if (result.how == progress::kind::failed || result.how == progress::kind::ended)
            return false;
        short wanted = result.how == progress::kind::wants_read ? POLLIN : POLLOUT;
        auto event = wait(socket_.get(), static_cast<short>(wanted | POLLIN), until);
        if (!event)
            return failure(std::move(event.error()));
        if (*event == 0)
            return unreachable(where_, "it has not taken the request in time");
        // An answer before the end of the request refuses it. With TLS it may be a ticket, which is no answer.
        if ((*event & POLLIN) != 0 && !stream_->encrypted())
            return false;
    }
    return true;
}

outcome<bool> client_connection::read(std::string& rest, deadline until) {
    for (;;) {
        auto result = read_now(rest);
        if (!result)
            return failure(std::move(result.error()));
        if (result->how == progress::kind::done)
            return true;
        if (result->how == progress::kind::ended)
            return false;
        auto event = wait(socket_.get(), result->how == progress::kind::wants_read ? POLLIN : POLLOUT, until);
        if (!event)
            return failure(std::move(event.error()));
        if (*event == 0)
            return unreachable(where_, "it has not answered in time");
    }
}

outcome<std::string> client_connection::read_head_alone(deadline until) {
    constexpr std::string_view head_end = "\r\n\r\n";
    std::array<char, 16 << 10> peeked{};
    std::size_t seen = 0;
    for (;;) {
        auto event = wait(socket_.get(), POLLIN, until);
        if (!event)
            return failure(std::move(event.error()));
        if (*event == 0)
            return unreachable(where_, "it has not answered in time");
        auto bytes = ::recv(socket_.get(), peeked.data(), peeked.size(), MSG_PEEK | MSG_DONTWAIT);
        if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (bytes < 0)
            return unreachable(where_, "the connection was lost: " + reason_of(errno));
        std::string_view text{peeked.data(), static_cast<std::size_t>(bytes)};
        auto end = text.find(head_end);
        if (end != std::string_view::npos) {
            auto size = end + head_end.size();
            // All of it is there, and is taken at once.
            if (::recv(socket_.get(), peeked.data(), size, MSG_DONTWAIT) != static_cast<ssize_t>(size))
                return unreachable(where_, "the connection was lost");
            return std::string{peeked.data(), size};
        }
        if (text.size() == peeked.size() || text.size() <= seen)
            return unreachable(where_,
                               text.empty() ? "it has ended the connection" : "its answer has no end");
        seen = text.size();
    }
}

client_connection::parts client_connection::take() noexcept {
    return {std::move(socket_), std::move(security_), std::move(stream_)};
}

descriptor client_connection::release() noexcept {
    stream_.reset();
    return std::move(socket_);
}

} // namespace gestvenv::http
