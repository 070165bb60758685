// SPDX-License-Identifier: MIT
#include "tests/net/http_fixture.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace gestvenv::test {

namespace {

sockaddr_un unix_name(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

descriptor connected(const http::server_address& where) {
    if (!where.socket.empty()) {
        descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        auto address = unix_name(where.socket);
        REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        return socket;
    }
    descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(where.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return socket;
}

} // namespace

running_server::running_server(http::limits bounds, const http::tls_identity* identity)
    : server_(std::make_unique<http::server>(handles, bounds)) {
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto address = unix_name(unix_address().socket);
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket.get(), 1024) == 0);
    const auto listened = server_->listen(std::move(socket));
    REQUIRE(listened.has_value());
    auto bound = server_->listen_tcp("127.0.0.1:0", identity);
    REQUIRE(bound.has_value());
    auto colon = bound->rfind(':');
    std::from_chars(bound->data() + colon + 1, bound->data() + bound->size(), port_);
    REQUIRE(port_ != 0);
}

keeping_server::keeping_server(http::limits bounds) : running_server(bounds) {
    handles.handle_ = [this](std::shared_ptr<http::exchange> what) {
        what->on_gone([this] { gone.set(); });
        kept = std::move(what);
        arrived.set();
    };
    start();
}

streaming_server::streaming_server(http::limits bounds, std::function<void(http::body_stream&)> begun_with)
    : running_server(bounds) {
    handles.handle_ = [this, begun_with = std::move(begun_with)](std::shared_ptr<http::exchange> what) {
        stream = what->begin({});
        stream->on_gone([this] { gone.set(); });
        if (begun_with)
            begun_with(*stream);
        begun.set();
    };
    start();
}

http::server_address running_server::unix_address() const {
    http::server_address where;
    where.socket = (folder_.path() / "socket").string();
    return where;
}

http::server_address running_server::tcp_address() const {
    http::server_address where;
    where.host = "127.0.0.1";
    where.port = port_;
    return where;
}

raw_client::raw_client(const http::server_address& where) : socket_(connected(where)) {}

bool raw_client::try_send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void raw_client::send(std::string_view bytes) {
    REQUIRE(try_send(bytes));
}

void raw_client::end_writing() {
    REQUIRE(::shutdown(socket_.get(), SHUT_WR) == 0);
}

bool raw_client::readable() const {
    pollfd now{socket_.get(), POLLIN, 0};
    return ::poll(&now, 1, 0) == 1;
}

bool raw_client::read_more() {
    pollfd readable{socket_.get(), POLLIN, 0};
    REQUIRE(::poll(&readable, 1, static_cast<int>(std::chrono::milliseconds{patience}.count())) == 1);
    std::array<char, 64 << 10> buffer{};
    auto bytes = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (bytes <= 0)
        return false;
    rest_.append(buffer.data(), static_cast<std::size_t>(bytes));
    return true;
}

std::string raw_client::read_all() {
    while (read_more()) {
    }
    return std::exchange(rest_, {});
}

std::string raw_client::read_until(std::string_view end) {
    for (;;) {
        if (auto at = rest_.find(end); at != std::string::npos)
            return read_bytes(at + end.size());
        if (!read_more())
            FAIL("the connection ended before `" << end << "`; there was: " << rest_);
    }
}

std::string raw_client::read_bytes(std::size_t size) {
    while (rest_.size() < size)
        if (!read_more())
            FAIL("the connection ended after " << rest_.size() << " of " << size << " bytes");
    auto taken = rest_.substr(0, size);
    rest_.erase(0, size);
    return taken;
}

http::request get(std::string target) {
    http::request what;
    what.method = "GET";
    what.target = std::move(target);
    return what;
}

http::request post(std::string target, std::string body) {
    auto what = get(std::move(target));
    what.method = "POST";
    what.body = std::move(body);
    return what;
}

} // namespace gestvenv::test
