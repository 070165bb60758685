// SPDX-License-Identifier: MIT
// Accepts connections of one listening socket. Of the server's thread.
#pragma once

#include "net/http/loop.hpp"
#include "net/http/server_core.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gestvenv::http {

class tls_context;

class listener : public std::enable_shared_from_this<listener> {
public:
    listener(server_core& core, descriptor listening, std::shared_ptr<tls_context> security);
    void start();
    void close();

private:
    void accept_some();
    void admit(descriptor socket);
    void wait_a_while();

    server_core& core_;
    watched_descriptor socket_;
    loop_timer retry_;
    std::chrono::milliseconds pause_{0};
    std::shared_ptr<tls_context> security_;
};

/// Checks that a descriptor is a listening socket of streams.
outcome<void> prepare_listening(const descriptor& socket);
/// `127.0.0.1:8080` or `[::1]:8080`, and the address in use.
outcome<std::pair<descriptor, std::string>> listen_on(std::string_view address);

} // namespace gestvenv::http
