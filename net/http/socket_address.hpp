// SPDX-License-Identifier: MIT
// Numeric addresses of TCP: `127.0.0.1:8080`, `[::1]:8080`.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>
#include <sys/socket.h>

namespace gestvenv::http {

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    int family() const noexcept { return storage.ss_family; }
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

outcome<socket_address> parse_address(std::string_view address);
/// Empty: it is no socket of TCP.
std::string local_address(int socket);
std::string remote_address(int socket);

} // namespace gestvenv::http
