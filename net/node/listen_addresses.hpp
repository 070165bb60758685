// SPDX-License-Identifier: MIT
// Addresses of TCP that a node may listen at.
#pragma once

#include "messages/outcome.hpp"

#include <string>
#include <string_view>

namespace gestvenv {

struct listen_address {
    /// As it is called in a URL: `127.0.0.1`, `[::1]`, `node.example`.
    std::string host;
    std::string port;
    bool is_loopback = false;
};

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
outcome<listen_address> parse_listen_address(std::string_view text);

} // namespace gestvenv
