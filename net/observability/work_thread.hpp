// SPDX-License-Identifier: MIT
// One thread for work that would be too long for others: a bounded queue, in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace gestvenv {

/// Thread-safe. Work must not throw.
class work_thread {
public:
    explicit work_thread(std::size_t most_waiting);
    work_thread(const work_thread&) = delete;
    work_thread& operator=(const work_thread&) = delete;
    /// What waits is dropped; what runs is waited for.
    ~work_thread();

    /// False: as much waits as may.
    bool post(std::function<void()> work);

private:
    void run();

    std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<std::function<void()>> waiting_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace gestvenv
