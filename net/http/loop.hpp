// SPDX-License-Identifier: MIT
// The server's event loop: Boost.Asio behind plain functions, so that one file compiles it.
#pragma once

#include "system/posix/descriptor.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace gestvenv::http {

using loop_clock = std::chrono::steady_clock;

/// Runs on one thread. Only `post` may be called from others.
class loop {
public:
    loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop();

    /// Until `stop`.
    void run();
    void stop();
    /// Runs `work` on the loop's thread, in order. False: the loop has been stopped for good, and `work` is dropped.
    bool post(std::function<void()> work);
    /// After `run` has returned: what waits is dropped, nothing is taken any more.
    void close();

    struct implementation;
    /// For files that include Asio (loop_asio.hpp).
    implementation& inside() noexcept { return *inside_; }

private:
    std::unique_ptr<implementation> inside_;
};

/// A descriptor of the loop: one wait per direction at a time. What waits keeps its callback alive; `close` and
/// `release` drop it. A callback never runs before the wait has returned.
class watched_descriptor {
public:
    watched_descriptor(loop& where, descriptor what);
    watched_descriptor(const watched_descriptor&) = delete;
    watched_descriptor& operator=(const watched_descriptor&) = delete;
    ~watched_descriptor();

    int number() const noexcept;
    void when_readable(std::function<void()> hear);
    void when_writable(std::function<void()> hear);
    /// Hears when both sides of a socket will write no more, or it has failed. A peer that closes a Unix socket is found
    /// so; one that has only ended writing (SHUT_WR) is not.
    void when_hung_up(std::function<void()> hear);
    void close();
    descriptor release();

private:
    struct implementation;
    std::shared_ptr<implementation> inside_;
};

class loop_timer {
public:
    explicit loop_timer(loop& where);
    loop_timer(const loop_timer&) = delete;
    loop_timer& operator=(const loop_timer&) = delete;
    ~loop_timer();

    /// In place of what was to be heard before.
    void at(loop_clock::time_point when, std::function<void()> hear);
    void cancel();

private:
    struct implementation;
    std::shared_ptr<implementation> inside_;
};

} // namespace gestvenv::http
