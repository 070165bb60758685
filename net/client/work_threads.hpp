// SPDX-License-Identifier: MIT
// Threads for requests that their callers do not wait for.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gestvenv {

/// Starts a thread where none is idle, up to `most`; further work waits. Thread-safe.
class work_threads {
public:
    static constexpr std::size_t most = 32;

    work_threads() = default;
    work_threads(const work_threads&) = delete;
    work_threads& operator=(const work_threads&) = delete;
    ~work_threads() { stop(); }

    /// Runs `work`, which must not throw. False: it does not run, because of `stop`, or because no thread can be started.
    bool post(std::function<void()> work);
    /// Waits for what has begun; what has not is dropped. Not in one of its threads.
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopped_ = false;
};

} // namespace gestvenv
