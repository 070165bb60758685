// SPDX-License-Identifier: MIT
// The thread on which all terminals of a node are read and written.
#pragma once

#include "messages/outcome.hpp"
#include "system/process/reactor.hpp"

#include <memory>
#include <mutex>

namespace gestvenv::terminal {

/// Outlives its sessions' operations and sockets. Thread-safe.
class terminals {
public:
    /// Starts the thread with the first terminal.
    outcome<reactor*> events();

private:
    std::mutex mutex_;
    std::unique_ptr<reactor> events_;
};

} // namespace gestvenv::terminal
