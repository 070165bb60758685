// SPDX-License-Identifier: MIT
// Requests to a node for which its client library has no function.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/client.hpp"
#include "net/http/message.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <stop_token>
#include <string>
#include <string_view>

namespace gestvenv::cli {

struct node_requests {
    http::server_address where;
    /// Empty on a Unix socket.
    std::string token;
    /// Ends what is under way.
    std::stop_token interrupted = {};

    /// Below `/api/v1`, with what lets it in.
    http::request request_for(std::string_view method, std::string_view path) const;
};

/// Error: node_unreachable where none runs; those of find_node().
outcome<node_requests> requests_to(const node_choice& choice);

} // namespace gestvenv::cli
