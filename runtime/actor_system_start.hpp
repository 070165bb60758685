// SPDX-License-Identifier: MIT
// Starts an actor system on a thread of its own: beside the launcher, and so that its failure can be told.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <memory>

namespace gestvenv {

/// A constructor of CAF's that fails to start one of its threads never comes back: on its way out it destroys
/// what the threads before wait on. That happens where threads run out after check_thread_capacity(). The thread
/// that hangs then is left to the end of the process; the caller gets an error.
class actor_system_start {
public:
    /// Far more than the start of four threads takes on any machine.
    static constexpr std::chrono::seconds patience{10};

    /// Begins; `config` must outlive the actor system. Throws std::system_error where there is no thread.
    explicit actor_system_start(caf::actor_system_config& config);
    actor_system_start(const actor_system_start&) = delete;
    actor_system_start& operator=(const actor_system_start&) = delete;
    /// Ends the actor system that finish() has not taken.
    ~actor_system_start();

    /// Waits for the start, at most `patience`; once. Throws what CAF threw, or the exception of the public
    /// face for a start that does not come back.
    std::unique_ptr<caf::actor_system> finish();

private:
    struct shared_state;
    std::shared_ptr<shared_state> state_;
};

} // namespace gestvenv
