// SPDX-License-Identifier: MIT
// The one thread on which a runtime calls functions of its host.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace gestvenv {

/// Runs what is posted, in order. What it throws is told to `complain` and otherwise without effect.
/// Thread-safe.
class callback_thread {
public:
    /// How long the destructor waits for a call that does not return; the thread is then left to itself.
    static constexpr std::chrono::seconds patience{5};

    explicit callback_thread(std::function<void(std::string_view)> complain);
    callback_thread(const callback_thread&) = delete;
    callback_thread& operator=(const callback_thread&) = delete;
    ~callback_thread() { stop(); }

    /// Runs what was posted before, and nothing from then on. Waits no longer than `patience`.
    void stop();

    /// The thread starts with the first call. Bounds are the caller's: nothing is dropped here. False once
    /// `stop` was called: `call` does not run then.
    bool post(std::function<void()> call);
    std::size_t waiting() const;
    bool is_this_thread() const noexcept;

private:
    struct shared_state;
    std::shared_ptr<shared_state> state_;
};

} // namespace gestvenv
