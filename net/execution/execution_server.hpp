// SPDX-License-Identifier: MIT
// The node's side of commands that are carried over upgraded connections (messages.hpp).
#pragma once

#include "messages/environment_creation.hpp"
#include "messages/outcome.hpp"
#include "net/execution/event_loop.hpp"
#include "system/posix/descriptor.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/operation_result.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace gestvenv {
class command_link;
} // namespace gestvenv

namespace gestvenv::execution {

/// Has a thread of its own. Thread-safe, except for its end.
class execution_server {
public:
    /// Begins a command in the environment for which the connection was upgraded; `done` may be called on any thread.
    /// Must neither block nor throw. Called once at most, on this server's thread.
    using begin_function = std::function<void(command_spec command, output_receiver receiver,
                                              std::function<void(outcome<operation_result>)> done)>;
    /// Ends a command that has begun and whose client has vanished, unless the client wanted it to stay. As
    /// `begin_function` otherwise.
    using lose_function = std::function<void(command_link& command)>;

    struct bounds {
        /// From the upgrade to the whole of what is to be started.
        std::chrono::milliseconds start{10'000};
        /// Until a client has taken some more of its result.
        std::chrono::milliseconds send{30'000};
    };

    static outcome<std::unique_ptr<execution_server>> start(bounds allowed);
    static outcome<std::unique_ptr<execution_server>> start() { return start(bounds{}); }
    execution_server(const execution_server&) = delete;
    execution_server& operator=(const execution_server&) = delete;
    /// Closes all connections. Their commands are left to the end of the runtime.
    ~execution_server();

    /// Serves one connection.
    void serve(descriptor socket, begin_function begin, lose_function lose);

private:
    execution_server(std::shared_ptr<event_loop> loop, bounds allowed)
        : loop_(std::move(loop)), allowed_(allowed) {}

    std::shared_ptr<event_loop> loop_;
    bounds allowed_;
};

} // namespace gestvenv::execution
