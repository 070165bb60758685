// SPDX-License-Identifier: MIT
#include "runtime/callback_thread.hpp"

#include "runtime/signal_mask.hpp"
#include "system/limits/thread_capacity.hpp"

#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace gestvenv {

// Shared with the thread, which may outlive the object when a call of the host's does not return.
struct callback_thread::shared_state {
    mutable std::mutex mutex;
    std::condition_variable news;
    std::deque<std::function<void()>> calls;
    std::function<void(std::string_view)> complain;
    std::thread thread;
    bool ending = false;
    bool ended = false;

    void run() {
        std::unique_lock lock{mutex};
        for (;;) {
            news.wait(lock, [this] { return ending || !calls.empty(); });
            if (calls.empty())
                break;
            auto call = std::move(calls.front());
            calls.pop_front();
            lock.unlock();
            make(call);
            call = nullptr;
            lock.lock();
        }
        ended = true;
        news.notify_all();
    }

    void make(const std::function<void()>& call) const {
        try {
            call();
        } catch (const std::exception& problem) {
            complain(std::string{"a callback of the host threw: "} + problem.what());
        } catch (...) { // a host may throw anything; it must not end our thread
            complain("a callback of the host threw something that is no exception");
        }
    }
};

callback_thread::callback_thread(std::function<void(std::string_view)> complain)
    : state_(std::make_shared<shared_state>()) {
    state_->complain = std::move(complain);
}

void callback_thread::stop() {
    std::unique_lock lock{state_->mutex};
    state_->ending = true;
    state_->news.notify_all();
    if (!state_->thread.joinable())
        return;
    bool own = state_->thread.get_id() == std::this_thread::get_id();
    bool done = !own && state_->news.wait_for(lock, patience, [this] { return state_->ended; });
    auto thread = std::move(state_->thread);
    lock.unlock();
    if (done)
        thread.join();
    else
        thread.detach();
}

bool callback_thread::post(std::function<void()> call) {
    std::scoped_lock lock{state_->mutex};
    if (state_->ending)
        return false;
    state_->calls.push_back(std::move(call));
    if (!state_->thread.joinable()) {
        all_signals_blocked guard;
        try {
            state_->thread = std::thread{[state = state_] { state->run(); }};
        } catch (const std::system_error& refused) { // the next call tries again
            state_->complain("callbacks of the host wait: " + thread_failure(refused.code().value()).message);
        }
    }
    state_->news.notify_all();
    return true;
}

std::size_t callback_thread::waiting() const {
    std::scoped_lock lock{state_->mutex};
    return state_->calls.size();
}

bool callback_thread::is_this_thread() const noexcept {
    return state_->thread.get_id() == std::this_thread::get_id();
}

} // namespace gestvenv
