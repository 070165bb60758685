// SPDX-License-Identifier: MIT
// Threads on which files are read and written: that may take long, and no other thread may wait for it.
#pragma once

#include "messages/outcome.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gestvenv::files {

/// When work has to give up. It asks between its steps, which are short.
class deadline {
public:
    using clock = std::chrono::steady_clock;

    explicit deadline(clock::time_point until) : until_(until) {}
    static deadline after(clock::duration time) { return deadline{clock::now() + time}; }

    bool passed() const noexcept { return clock::now() >= until_; }
    /// The error that says so.
    tl::unexpected<error> failure(std::string what) const;

private:
    clock::time_point until_;
};

/// Thread-safe. Starts a thread when there is work and none is idle.
class file_workers {
public:
    static constexpr std::size_t most_threads = 4;
    static constexpr std::size_t most_waiting = 256;
    /// For one piece of work, the time in the queue included.
    static constexpr std::chrono::minutes time_for_work{5};

    file_workers() = default;
    file_workers(const file_workers&) = delete;
    file_workers& operator=(const file_workers&) = delete;
    /// Waits for the work under way; what waits in the queue is dropped.
    ~file_workers();

    using work = std::function<void(const deadline& until)>;
    /// Errors: resources_exhausted, if too much waits already.
    outcome<void> run(work what);
    /// Of work that was accepted before, another step: not refused.
    void go_on(work what);

private:
    struct job {
        work what;
        deadline until;
    };
    outcome<void> add(job what, bool accepted);
    void loop();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<job> waiting_;
    std::size_t idle_ = 0;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

} // namespace gestvenv::files
