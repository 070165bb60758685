// SPDX-License-Identifier: MIT
// Where a browser finds the page: a port of the loopback, and a name of its own.
#pragma once

#include "messages/outcome.hpp"
#include "net/http/server.hpp"
#include "net/page/page_sessions.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace gestvenv::page {

/// Of the server's thread, except the sessions.
class page_service {
public:
    page_service();

    /// The name in its URL: `gestvenv-3f0c12ab.localhost`. Browsers take all names below `localhost` for this machine
    /// (RFC 6761). A cookie belongs to a name, not to a port: under `127.0.0.1` each other server of this machine,
    /// also of another user, would be sent it.
    const std::string& host() const noexcept { return host_; }

    /// The port, which it listens at from the first call on.
    outcome<std::uint16_t> listen(http::server& server);

    page_sessions& sessions() noexcept { return sessions_; }
    const page_sessions& sessions() const noexcept { return sessions_; }

private:
    std::string host_;
    std::uint16_t port_ = 0;
    page_sessions sessions_;
};

/// A file, mode 0600, that takes a browser to `url`: what is on a command line can be seen by other users. May block.
outcome<std::filesystem::path> write_link_file(const std::string& url);

} // namespace gestvenv::page
