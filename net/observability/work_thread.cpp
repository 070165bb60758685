// SPDX-License-Identifier: MIT
#include "net/observability/work_thread.hpp"

#include "runtime/signal_mask.hpp"

#include <utility>

namespace gestvenv {

work_thread::work_thread(std::size_t most_waiting) : most_waiting_(most_waiting) {
    all_signals_blocked guard;
    thread_ = std::thread{[this] { run(); }};
}

work_thread::~work_thread() {
    {
        std::scoped_lock lock{mutex_};
        ending_ = true;
        waiting_.clear();
    }
    news_.notify_all();
    thread_.join();
}

bool work_thread::post(std::function<void()> work) {
    std::scoped_lock lock{mutex_};
    if (ending_ || waiting_.size() >= most_waiting_)
        return false;
    waiting_.push_back(std::move(work));
    news_.notify_one();
    return true;
}

void work_thread::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        news_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (ending_)
            return;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

} // namespace gestvenv
