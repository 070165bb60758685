// SPDX-License-Identifier: MIT
#include "net/http/listener.hpp"

#include "net/http/connection.hpp"
#include "net/http/socket_address.hpp"
#include "net/tls/tls_context.hpp"
#include "system/posix/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace gestvenv::http {

namespace {

using namespace std::chrono_literals;

/// Connections taken in a row: those that are there have their turn.
constexpr int most_in_a_row = 64;
/// Connections beyond the limit that are told so.
constexpr std::size_t most_refused = 64;
constexpr int backlog = 1024;

void set(int socket, int level, int option, int value) noexcept {
    // Without it connections are slower, or the death of a machine is found later.
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

peer peer_of(int socket) {
    peer found;
    auto address = remote_address(socket);
    if (!address.empty()) {
        found.address = std::move(address);
        set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        // A machine that has vanished is found after two minutes, also where nothing is written to it.
        set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
        set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
        set(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
        return found;
    }
    found.address = "unix";
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0)
        found.local = peer::process{who.pid, who.uid, who.gid};
    return found;
}

} // namespace

listener::listener(server_core& core, descriptor listening, std::shared_ptr<tls_context> security)
    : core_(core), socket_(*core.events, std::move(listening)), retry_(*core.events),
      security_(std::move(security)) {}

void listener::start() {
    socket_.when_readable([self = shared_from_this()] { self->accept_some(); });
}

void listener::close() {
    retry_.cancel();
    socket_.close();
}

void listener::accept_some() {
    for (int taken = 0; taken < most_in_a_row; ++taken) {
        descriptor socket{::accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (socket) {
            pause_ = 0ms;
            admit(std::move(socket));
            if (core_.draining)
                return;
            continue;
        }
        // A client that has gone meanwhile, and errors of its network (accept(2)), say nothing about the others.
        if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == ENETDOWN ||
            errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EHOSTDOWN || errno == ENONET ||
            errno == ENOPROTOOPT)
            continue;
        if (errno == EAGAIN)
            break;
        return wait_a_while();
    }
    start();
}

/// Descriptors or memory are exhausted: clients wait in the backlog meanwhile.
void listener::wait_a_while() {
    pause_ = std::clamp(pause_ * 2, 20ms, 1000ms);
    retry_.at(loop_clock::now() + pause_, [self = shared_from_this()] { self->accept_some(); });
}

void listener::admit(descriptor socket) {
    auto from = peer_of(socket.get());
    from.encrypted = security_ != nullptr;
    bool too_many = core_.living.size() >= core_.bounds.connections;
    if (core_.living.size() >= core_.bounds.connections + most_refused || !core_.handles.admits(from))
        return;
    try {
        auto made = std::make_shared<connection>(core_, std::move(socket), std::move(from), security_.get());
        core_.living.insert(made);
        core_.connections.store(core_.living.size());
        if (too_many)
            made->start_refused();
        else
            made->start();
    } catch (const std::exception&) {
        // No memory, or no more watches of epoll(7): this client is closed, the others stay.
    }
}

outcome<void> prepare_listening(const descriptor& socket) {
    int listens = 0;
    int kind = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        ::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &kind, &size) != 0)
        return system_failure(errno, "cannot serve a descriptor that is no socket");
    if (listens == 0 || kind != SOCK_STREAM)
        return failure(error_code::invalid_argument,
                       "a socket that does not listen for streams cannot be served",
                       "pass a socket on which listen(2) was called");
    auto flags = ::fcntl(socket.get(), F_GETFL);
    if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC) != 0)
        return system_failure(errno, "cannot prepare a listening socket");
    return {};
}

outcome<std::pair<descriptor, std::string>> listen_on(std::string_view address) {
    auto parsed = parse_address(address);
    if (!parsed)
        return failure(std::move(parsed.error()));
    auto about = "cannot listen on " + std::string{address};
    descriptor socket{::socket(parsed->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        return system_failure(errno, about);
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (parsed->family() == AF_INET6)
        set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (::bind(socket.get(), parsed->get(), parsed->size) != 0 || ::listen(socket.get(), backlog) != 0) {
        auto failed = system_failure(errno, about);
        if (errno == EADDRINUSE)
            return failure(error_code::system_failure, failed.value().message,
                           "choose another port, or end the program that listens there (ss -ltnp names it)");
        return failed;
    }
    auto in_use = local_address(socket.get());
    return std::pair{std::move(socket), std::move(in_use)};
}

} // namespace gestvenv::http
