// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_requests.hpp"

#include <utility>

namespace gestvenv::cli {

http::request node_requests::request_for(std::string_view method, std::string_view path) const {
    http::request request;
    request.method = method;
    request.target = "/api/v1" + std::string{path};
    if (!token.empty())
        request.headers.add("Authorization", "Bearer " + token);
    return request;
}

outcome<node_requests> requests_to(const node_choice& choice) {
    auto found = find_node(choice);
    if (!found)
        return failure(std::move(found).error());
    if (!*found)
        return failure(error_code::node_unreachable, "the node has ended");
    const auto& options = **found;
    node_requests node;
    node.where.socket = options.socket;
    node.where.host = options.host;
    node.where.port = options.port;
    node.where.encrypted = options.socket.empty() && options.encrypted;
    node.where.authorities = options.authorities;
    node.token = options.token;
    return node;
}

} // namespace gestvenv::cli
