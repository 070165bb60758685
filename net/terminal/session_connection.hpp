// SPDX-License-Identifier: MIT
// The node's side of a terminal that is carried over an upgraded connection (messages.hpp).
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <memory>
#include <string>

namespace gestvenv {
struct node_services;
} // namespace gestvenv

namespace gestvenv::execution {
class event_loop;
} // namespace gestvenv::execution

namespace gestvenv::terminal {

struct session_place {
    /// Its id.
    std::string environment;
    /// A principal's id.
    std::string owner;
};

/// Serves one connection, on the terminals' thread.
void serve_session(node_services& node, std::shared_ptr<execution::event_loop> loop, descriptor socket,
                   session_place where);

} // namespace gestvenv::terminal
