// SPDX-License-Identifier: MIT
// The exchange that a handler gets.
#pragma once

#include "net/http/exchange.hpp"

#include <cstdint>
#include <memory>

namespace gestvenv::http {

class connection;

/// Of the server's thread; what it makes may be used by any, and outlive the server.
std::shared_ptr<exchange> make_exchange(const std::shared_ptr<connection>& from, std::uint64_t turn,
                                        request&& asked);

} // namespace gestvenv::http
