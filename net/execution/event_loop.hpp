// SPDX-License-Identifier: MIT
// A reactor that others may still know when it has ended.
#pragma once

#include "system/process/reactor.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace gestvenv::execution {

/// Shared by connections and by the functions through which others call them.
class event_loop {
public:
    explicit event_loop(std::unique_ptr<reactor> events) : events_(std::move(events)) {}

    /// Dropped without effect at the end.
    void post(std::function<void()> task) {
        std::scoped_lock lock{mutex_};
        if (events_)
            events_->post(std::move(task));
    }
    /// Keeps what has no watch for a while.
    void hold(std::shared_ptr<void> what) {
        std::scoped_lock lock{mutex_};
        held_.insert(std::move(what));
    }
    void let_go(const std::shared_ptr<void>& what) {
        std::scoped_lock lock{mutex_};
        held_.erase(what);
    }
    /// On its thread alone.
    reactor& events() noexcept { return *running_; }
    /// Joins its thread; no task runs from then on. Not on its thread.
    void end() {
        std::unique_ptr<reactor> ended;
        {
            std::scoped_lock lock{mutex_};
            ended = std::move(events_);
        }
        ended.reset();
        // What they do at their end may ask for this loop.
        std::set<std::shared_ptr<void>> held;
        {
            std::scoped_lock lock{mutex_};
            held.swap(held_);
        }
    }

private:
    std::mutex mutex_;
    std::unique_ptr<reactor> events_;
    std::set<std::shared_ptr<void>> held_;
    /// The same, for tasks that run while it is being ended.
    reactor* running_ = events_.get();
};

} // namespace gestvenv::execution
