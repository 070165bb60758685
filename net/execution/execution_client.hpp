// SPDX-License-Identifier: MIT
// The client's side of commands that are carried over upgraded connections (messages.hpp).
#pragma once

#include "messages/environment_creation.hpp"
#include "messages/outcome.hpp"
#include "net/execution/event_loop.hpp"
#include "system/posix/descriptor.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/operation_result.hpp>

#include <functional>
#include <memory>

namespace gestvenv::execution {

/// Has a thread of its own. Thread-safe, except for its end.
class execution_client {
public:
    using callback = std::function<void(outcome<operation_result>)>;

    static outcome<std::unique_ptr<execution_client>> start();
    execution_client(const execution_client&) = delete;
    execution_client& operator=(const execution_client&) = delete;
    /// Commands under way fail with `shutting_down`; the node ends those that do not stay.
    ~execution_client();

    /// Has the command run at the other end of the socket, with this process's streams, terminal and descriptors as
    /// `command` names them. The receiver hears its output, and its host speaks to it, as with a runtime in this
    /// process. `done` runs exactly once, on any thread, and must neither block nor throw.
    void execute(descriptor socket, command_spec command, output_receiver receiver, bool stays,
                 callback done);

private:
    explicit execution_client(std::shared_ptr<event_loop> loop) : loop_(std::move(loop)) {}

    std::shared_ptr<event_loop> loop_;
};

} // namespace gestvenv::execution
