// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_connection.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace gestvenv::faults {

node_connection::node_connection(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto text = socket.string();
    if (text.size() >= sizeof address.sun_path)
        return;
    std::memcpy(address.sun_path, text.data(), text.size());
    socket_ = descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const timeval limit{node_patience.count(), 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        socket_.reset();
}

void node_connection::send(std::string_view bytes) const {
    while (is_open() && !bytes.empty()) {
        auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void node_connection::end_writing() const {
    ::shutdown(socket_.get(), SHUT_WR);
}

node_connection::got node_connection::read_some(std::string& into) const {
    std::array<char, 16384> piece{};
    auto count = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (count > 0)
        into.append(piece.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno == EAGAIN)
        return got::nothing;
    return count > 0 ? got::bytes : got::end;
}

std::string request_text(std::string_view method, std::string_view path, std::string_view body,
                         std::string_view accept) {
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n", method, path);
    if (!accept.empty())
        text += fmt::format("Accept: {}\r\n", accept);
    if (!body.empty())
        text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    return text + "\r\n" + std::string{body};
}

std::string ask_node(const std::filesystem::path& socket, std::string_view method, std::string_view path,
                     std::string_view body) {
    const node_connection node{socket};
    std::string text;
    if (!node.is_open())
        return text;
    node.send(request_text(method, path, body));
    node.end_writing();
    while (node.read_some(text) == node_connection::got::bytes) {
    }
    return text;
}

} // namespace gestvenv::faults
