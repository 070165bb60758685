// SPDX-License-Identifier: MIT
// Requests to one node, over connections that are kept for the next ones.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/client.hpp"
#include "system/posix/descriptor.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

/// Thread-safe. Calls wait in their caller's thread.
class node_link {
public:
    /// How long an answer may take: one that a living node gives at once, or the end of work with a deadline of its own.
    enum class patience { quick, work };

    node_link(http::server_address where, std::string token)
        : where_(std::move(where)), token_(std::move(token)) {}

    /// Below `/api/v1`. An answer with a status of 400 or more is an answer. A stop request ends the connection, and the
    /// error is `cancelled`.
    outcome<http::response> ask(std::string_view method, std::string_view path, std::string body,
                                patience until, const std::stop_token& stop = {});
    /// The connection itself, once the node has agreed.
    outcome<descriptor> upgrade(std::string_view path, std::string_view protocol);
    /// Requests under way and later ones fail with `shutting_down`.
    void close();

    bool is_local() const noexcept { return !where_.socket.empty(); }

private:
    /// Connections that wait for their next request, of each patience.
    static constexpr std::size_t most_idle = 8;

    class lease;
    outcome<http::client> take(patience until);
    void give_back(http::client connection, patience until);
    http::request request_for(std::string_view method, std::string_view path, std::string body) const;

    http::server_address where_;
    std::string token_;
    std::mutex mutex_;
    std::array<std::vector<http::client>, 2> idle_;
    std::set<http::client*> busy_;
    bool closed_ = false;
};

/// A part of a path, with what has a meaning there escaped (RFC 3986, section 2.1).
std::string path_part(std::string_view text);

} // namespace gestvenv
