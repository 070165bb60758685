// SPDX-License-Identifier: MIT
// One thread that waits for descriptors, so that no other thread has to.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace gestvenv {

/// Calls a handler whenever its descriptor has news. The thread runs under a full signal mask, so that no
/// signal of a host program is ever delivered to it, and a broken pipe is an error instead of a signal.
class reactor {
public:
    using handler = std::function<void(std::uint32_t events)>;
    using token = std::uint64_t;
    using clock = std::chrono::steady_clock;

    static outcome<std::unique_ptr<reactor>> start();
    reactor(const reactor&) = delete;
    reactor& operator=(const reactor&) = delete;
    /// Stops the thread; handlers that have not run are dropped. Must not be called from a handler.
    ~reactor();

    /// Watches `number` for `events` (epoll_ctl(2)); from any thread. The handler runs on the reactor's
    /// thread, must not block, and may call any function of the reactor.
    outcome<token> watch(int number, std::uint32_t events, handler call);
    /// Watches for other events from now on; what is true of them already is news.
    outcome<void> change(int number, token watched, std::uint32_t events);
    /// No call begins after this one returns, when called on the reactor's thread; from another thread one
    /// may still be under way. Close the descriptor only after this.
    void unwatch(int number, token watched);
    /// Calls the handler of a watch once at that time, with no events, whatever its descriptor does. A later
    /// call takes the place of an earlier one, and the end of the watch that of both.
    void call_at(token watched, clock::time_point when);
    /// Runs `task` on the reactor's thread soon.
    void post(std::function<void()> task);
    bool on_own_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }

private:
    reactor() = default;
    void loop();
    void run_posted();
    void wake_on(std::uint32_t events);
    void wake();
    int milliseconds_to_next_call();
    void make_due_calls();

    descriptor epoll_;
    descriptor wake_;
    std::mutex mutex_;
    std::unordered_map<token, std::shared_ptr<handler>> handlers_;
    std::vector<std::function<void()>> posted_;
    std::unordered_map<token, clock::time_point> calls_;
    token next_ = 1;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace gestvenv
