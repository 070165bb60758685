// SPDX-License-Identifier: MIT
#include "net/http/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace gestvenv::http {

namespace {

std::string text_of(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, &storage, sizeof address);
        ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
        return std::string{text.data()} + ":" + std::to_string(ntohs(address.sin_port));
    }
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, &storage, sizeof address);
        ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
        return "[" + std::string{text.data()} + "]:" + std::to_string(ntohs(address.sin6_port));
    }
    return {};
}

} // namespace

outcome<socket_address> parse_address(std::string_view address) {
    auto colon = address.rfind(':');
    auto host = std::string{address.substr(0, std::min(colon, address.size()))};
    auto port_text = colon == std::string_view::npos ? std::string_view{} : address.substr(colon + 1);
    std::uint16_t port = 0;
    auto [end, wrong] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    bool has_port = !port_text.empty() && wrong == std::errc{} && end == port_text.data() + port_text.size();
    socket_address parsed;
    sockaddr_in four{};
    sockaddr_in6 six{};
    if (has_port && ::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&parsed.storage, &four, sizeof four);
        parsed.size = sizeof four;
        return parsed;
    }
    if (has_port && host.size() > 2 && host.front() == '[' && host.back() == ']' &&
        ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        std::memcpy(&parsed.storage, &six, sizeof six);
        parsed.size = sizeof six;
        return parsed;
    }
    return failure(error_code::invalid_argument, "`" + std::string{address} + "` is no address with a port",
                   "write it as 127.0.0.1:8080 or [::1]:8080");
}

std::string local_address(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
        return {};
    return text_of(storage);
}

std::string remote_address(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
        return {};
    return text_of(storage);
}

} // namespace gestvenv::http
