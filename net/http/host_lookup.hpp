// SPDX-License-Identifier: MIT
// Addresses of a host's name. getaddrinfo(3) has no deadline, so another thread asks.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/socket_address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gestvenv::http {

struct lookup_result {
    std::vector<socket_address> addresses;
    /// Why there are none.
    std::string reason;
};

class host_lookup {
public:
    /// Begins. `ready()` becomes readable at the end.
    host_lookup(const std::string& host, std::uint16_t port);
    int ready() const noexcept;
    lookup_result take();

private:
    struct shared;
    std::shared_ptr<shared> shared_;
};

} // namespace gestvenv::http
