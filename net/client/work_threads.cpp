// SPDX-License-Identifier: MIT
#include "net/client/work_threads.hpp"

#include "runtime/signal_mask.hpp"

#include <system_error>
#include <utility>

namespace gestvenv {

bool work_threads::post(std::function<void()> work) {
    std::scoped_lock lock{mutex_};
    if (stopped_)
        return false;
    if (waiting_.size() >= idle_ && threads_.size() < most) {
        all_signals_blocked guard;
        try {
            threads_.emplace_back([this] { run(); });
        } catch (const std::system_error&) {
            if (threads_.empty())
                return false;
        }
    }
    waiting_.push_back(std::move(work));
    news_.notify_one();
    return true;
}

void work_threads::run() {
    std::unique_lock lock{mutex_};
    while (!stopped_) {
        if (waiting_.empty()) {
            ++idle_;
            news_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
            --idle_;
            continue;
        }
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

void work_threads::stop() {
    std::vector<std::thread> ended;
    std::deque<std::function<void()>> dropped;
    {
        std::scoped_lock lock{mutex_};
        stopped_ = true;
        ended.swap(threads_);
        dropped.swap(waiting_);
        news_.notify_all();
    }
    for (auto& thread : ended)
        thread.join();
}

} // namespace gestvenv
