// SPDX-License-Identifier: MIT
#include "runtime/actor_system_start.hpp"

#include "runtime/signal_mask.hpp"
#include "system/limits/thread_capacity.hpp"

#include <gestvenv/exceptions.hpp>

#include <cerrno>
#include <exception>
#include <future>
#include <thread>
#include <utility>

namespace gestvenv {

// Shared with the thread, which outlives the object when CAF does not come back.
struct actor_system_start::shared_state {
    std::promise<std::unique_ptr<caf::actor_system>> promise;
    std::future<std::unique_ptr<caf::actor_system>> started = promise.get_future();
    std::thread thread;

    void run(caf::actor_system_config& config) {
        try {
            promise.set_value(std::make_unique<caf::actor_system>(config));
        } catch (...) { // for the thread that asked
            promise.set_exception(std::current_exception());
        }
    }

    bool wait() {
        bool came_back = started.wait_for(patience) == std::future_status::ready;
        if (came_back)
            thread.join();
        else
            thread.detach();
        return came_back;
    }
};

actor_system_start::actor_system_start(caf::actor_system_config& config)
    : state_(std::make_shared<shared_state>()) {
    all_signals_blocked guard;
    state_->thread = std::thread{[state = state_, &config] { state->run(config); }};
}

actor_system_start::~actor_system_start() {
    if (state_->thread.joinable() && state_->wait())
        try {
            state_->started.get().reset();
        } catch (
            const std::exception&) { // NOLINT(bugprone-empty-catch): an earlier failure is on its way already
        }
}

std::unique_ptr<caf::actor_system> actor_system_start::finish() {
    if (!state_->wait())
        throw_as_exception(thread_failure(EAGAIN));
    return state_->started.get();
}

} // namespace gestvenv
