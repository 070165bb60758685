// SPDX-License-Identifier: MIT
// The thread on which all terminals of a node are read and written, and the sessions that outlast their clients.
#pragma once

#include "messages/outcome.hpp"
#include "net/execution/event_loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::terminal {

class lasting_session;

/// Outlives its sessions' operations and sockets. Thread-safe.
class terminals {
public:
    /// Of all environments.
    static constexpr std::size_t most_sessions = 64;

    terminals();
    terminals(const terminals&) = delete;
    terminals& operator=(const terminals&) = delete;
    /// Ends the thread; the sessions' commands are left to the end of the runtime.
    ~terminals();

    /// Starts the thread with the first terminal.
    outcome<std::shared_ptr<execution::event_loop>> loop();
    /// Calls `hear` with the sessions of an environment, on the terminals' thread or on this one.
    void list(std::string environment_id,
              std::function<void(const std::vector<std::shared_ptr<lasting_session>>&)> hear);

    // On the terminals' thread.

    /// Errors: resources_exhausted.
    outcome<void> add(std::shared_ptr<lasting_session> session);
    void remove(const lasting_session& session);
    std::vector<std::shared_ptr<lasting_session>> of(std::string_view environment_id) const;
    /// By the beginning of an id; empty: the only one. The error says which there are.
    outcome<std::shared_ptr<lasting_session>> find(std::string_view environment_id,
                                                   std::string_view id) const;

private:
    std::mutex mutex_;
    std::shared_ptr<execution::event_loop> loop_;
    std::vector<std::shared_ptr<lasting_session>> sessions_;
};

} // namespace gestvenv::terminal
