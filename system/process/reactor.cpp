// SPDX-License-Identifier: MIT
#include "system/process/reactor.hpp"

#include "system/limits/thread_capacity.hpp"
#include "system/posix/system_failure.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv {

namespace {

// The token of the descriptor that wakes the thread; handlers count from 1.
constexpr reactor::token wake_token = 0;

} // namespace

outcome<std::unique_ptr<reactor>> reactor::start() {
    std::unique_ptr<reactor> result{new reactor};
    result->epoll_ = descriptor{::epoll_create1(EPOLL_CLOEXEC)};
    result->wake_ = descriptor{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!result->epoll_ || !result->wake_)
        return system_failure(errno, "cannot create an event queue");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = wake_token;
    if (::epoll_ctl(result->epoll_.get(), EPOLL_CTL_ADD, result->wake_.get(), &event) < 0)
        return system_failure(errno, "cannot prepare an event queue");
    // A thread inherits its creator's mask: set it before, so that no signal slips in.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    int problem = 0;
    try {
        result->thread_ = std::thread{[self = result.get()] { self->loop(); }};
    } catch (const std::system_error& refused) {
        problem = refused.code().value();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (problem != 0)
        return failure(thread_failure(problem));
    return result;
}

reactor::~reactor() {
    if (!thread_.joinable())
        return;
    post([this] { stopping_ = true; });
    thread_.join();
}

outcome<reactor::token> reactor::watch(int number, std::uint32_t events, handler call) {
    std::scoped_lock lock{mutex_};
    auto watched = next_++;
    epoll_event event{};
    event.events = events;
    event.data.u64 = watched;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, number, &event) < 0)
        return system_failure(errno, "cannot watch a descriptor");
    handlers_.emplace(watched, std::make_shared<handler>(std::move(call)));
    return watched;
}

outcome<void> reactor::change(int number, token watched, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = watched;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, number, &event) < 0)
        return system_failure(errno, "cannot watch a descriptor");
    return {};
}

void reactor::unwatch(int number, token watched) {
    std::scoped_lock lock{mutex_};
    calls_.erase(watched);
    if (handlers_.erase(watched) > 0)
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, number, nullptr);
}

void reactor::post(std::function<void()> task) {
    {
        std::scoped_lock lock{mutex_};
        posted_.push_back(std::move(task));
    }
    wake();
}

void reactor::call_at(token watched, clock::time_point when) {
    {
        std::scoped_lock lock{mutex_};
        const auto [known, added] = calls_.try_emplace(watched, when);
        const bool sooner = added || when < known->second;
        known->second = when;
        if (!sooner)
            return; // the thread wakes up early once
    }
    if (!on_own_thread())
        wake();
}

void reactor::wake() {
    std::uint64_t one = 1;
    // Where it cannot be written to, it wakes by being ready for that, or is full and has woken the thread
    // already: a task that never runs is an answer that never comes.
    if (::write(wake_.get(), &one, sizeof one) < 0)
        wake_on(EPOLLIN | EPOLLOUT);
}

void reactor::wake_on(std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = wake_token;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, wake_.get(), &event);
}

void reactor::run_posted() {
    std::uint64_t count = 0;
    (void)!::read(wake_.get(), &count, sizeof count);
    std::vector<std::function<void()>> tasks;
    {
        std::scoped_lock lock{mutex_};
        tasks.swap(posted_);
    }
    for (auto& task : tasks)
        task();
}

int reactor::milliseconds_to_next_call() {
    std::scoped_lock lock{mutex_};
    if (calls_.empty())
        return -1;
    auto next = std::min_element(calls_.begin(), calls_.end(), [](const auto& left, const auto& right) {
                    return left.second < right.second;
                })->second;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
}

void reactor::make_due_calls() {
    std::vector<std::shared_ptr<handler>> due;
    {
        std::scoped_lock lock{mutex_};
        if (calls_.empty())
            return;
        const auto now = clock::now();
        std::erase_if(calls_, [&](const auto& item) {
            if (item.second > now)
                return false;
            if (auto found = handlers_.find(item.first); found != handlers_.end())
                due.push_back(found->second);
            return true;
        });
    }
    for (auto& call : due)
        (*call)(0);
}

void reactor::loop() {
    ::prctl(PR_SET_NAME, "gestvenv-io");
    std::array<epoll_event, 64> events{};
    while (!stopping_) {
        auto count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                  milliseconds_to_next_call());
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == wake_token) {
                if ((event.events & EPOLLOUT) != 0)
                    wake_on(EPOLLIN);
                run_posted();
                continue;
            }
            std::shared_ptr<handler> call;
            {
                std::scoped_lock lock{mutex_};
                if (auto found = handlers_.find(event.data.u64); found != handlers_.end())
                    call = found->second;
            }
            if (call)
                (*call)(event.events);
        }
        make_due_calls();
    }
}

} // namespace gestvenv
