// SPDX-License-Identifier: MIT
#include "tools/gestvenv/termination.hpp"

#include "system/limits/thread_capacity.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/terminal/process_stop.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <gestvenv/exceptions.hpp>

#include <sys/prctl.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds same_request{250};

// The two that everything waits for, before what the owner waits for.
constexpr std::size_t own_waits = 2;

// What others send, or a timer that was set before this program. Not what the kernel sends for what the program itself
// has done (SIGSEGV, SIGPIPE, SIGXCPU ...), nor SIGCHLD.
std::vector<int> signals_from_outside() {
    std::vector<int> numbers{SIGINT,   SIGTERM, SIGHUP,  SIGQUIT,   SIGUSR1, SIGUSR2, SIGTSTP,   SIGCONT,
                             SIGWINCH, SIGALRM, SIGPROF, SIGVTALRM, SIGIO,   SIGPWR,  SIGSTKFLT, SIGURG};
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number)
        numbers.push_back(number);
    return numbers;
}

/// The signals that are ours to handle, as a set.
sigset_t handled_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int signal : signals_from_outside()) {
        struct sigaction now {};
        ::sigaction(signal, nullptr, &now);
        // Blocking would make an ignored signal pending, and so bring it back.
        if (now.sa_handler != SIG_IGN)
            ::sigaddset(&set, signal);
    }
    return set;
}

[[noreturn]] void fail(const char* call) {
    throw std::system_error{errno, std::generic_category(), call};
}

} // namespace

termination::termination(std::chrono::milliseconds time_to_stop) : time_to_stop_(time_to_stop) {
    const auto set = handled_signals();
    auto blocked = set;
    // What the terminal sends to the background is told by the call that met it.
    ::sigaddset(&blocked, SIGTTIN);
    ::sigaddset(&blocked, SIGTTOU);
    if (int problem = ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr); problem != 0)
        throw std::system_error{problem, std::generic_category(), "pthread_sigmask"};
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0)
        fail("signalfd");
    // Set to expire at once it wakes as an eventfd does, but without a write(2), which may fail.
    wake_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (wake_ < 0)
        fail("timerfd_create");
    try {
        waiter_ = std::thread{[this] { wait(); }};
    } catch (const std::system_error& refused) {
        throw ephemeral_exception{thread_failure(refused.code().value())};
    }
}

termination::~termination() {
    ending_ = true;
    wake();
    waiter_.join();
    if (stopper_.joinable())
        stopper_.join();
    ::close(signals_);
    ::close(wake_);
}

void termination::leave() noexcept {
    ending_ = true;
}

void termination::stop_with(std::function<void()> stop) {
    std::lock_guard lock{mutex_};
    stop_ = std::move(stop);
}

void termination::stop_no_more() {
    std::thread running;
    {
        std::lock_guard lock{mutex_};
        stop_ = nullptr;
        running = std::move(stopper_);
    }
    if (running.joinable())
        running.join();
}

void termination::give_to(signal_owner& owner) {
    bool has_affairs = false;
    {
        std::lock_guard lock{mutex_};
        owner_ = &owner;
        // What another one waits for is no affair of this one's.
        has_affairs = resting_ != nullptr || !kept_.empty() || owner.wake_at() || !owner.waits().empty();
    }
    if (has_affairs)
        wake();
}

void termination::take_back() {
    std::lock_guard lock{mutex_};
    owner_ = resting_;
}

void termination::rest_with(signal_owner& owner) {
    {
        std::lock_guard lock{mutex_};
        owner_ = resting_ = &owner;
    }
    wake();
}

void termination::rest_no_more() {
    std::lock_guard lock{mutex_};
    owner_ = resting_ = nullptr;
}

void termination::wake() const noexcept {
    itimerspec at_once{};
    at_once.it_value.tv_nsec = 1;
    ::timerfd_settime(wake_, 0, &at_once, nullptr);
}

void termination::wait() {
    constexpr std::chrono::milliseconds until_next_attempt{10};
    while (!ending_) {
        int timeout = -1;
        auto items = what_to_wait_for(timeout);
        if (::poll(items.data(), items.size(), timeout) < 0) {
            std::this_thread::sleep_for(until_next_attempt); // EINTR by a debugger, or no memory for now
            continue;
        }
        if (ending_)
            return;
        std::lock_guard lock{mutex_};
        if (received_ != 0 && !stopped_ && clock::now() >= first_ + time_to_stop_)
            die(received_);
        if (items[0].revents != 0) {
            std::uint64_t count = 0;
            static_cast<void>(::read(wake_, &count, sizeof count)); // how often does not matter
        }
        attend(items);
        take_signals();
    }
}

std::vector<pollfd> termination::what_to_wait_for(int& timeout) {
    std::lock_guard lock{mutex_};
    std::vector<pollfd> items{{wake_, POLLIN, 0}, {signals_, POLLIN, 0}};
    std::optional<clock::time_point> until;
    if (received_ != 0 && !stopped_)
        until = first_ + time_to_stop_;
    if (owner_ != nullptr) {
        auto its = owner_->waits();
        items.insert(items.end(), its.begin(), its.end());
        if (auto wake = owner_->wake_at())
            until = std::min(*wake, until.value_or(*wake));
    }
    if (until) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - clock::now()).count();
        timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
    }
    return items;
}

void termination::attend(const std::vector<pollfd>& ready) {
    if (owner_ == nullptr)
        return;
    const std::vector<pollfd> its{ready.begin() + own_waits, ready.end()};
    if (owner_->attend(its) && received_ == 0)
        end_by(SIGHUP);
    if (owner_ != nullptr)
        for (const auto& signal : std::exchange(kept_, {}))
            on_signal(signal);
}

void termination::take_signals() {
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == sizeof info)
        on_signal(info);
}

void termination::on_signal(const signalfd_siginfo& info) {
    const auto signal = static_cast<int>(info.ssi_signo);
    if (owner_ != nullptr && received_ == 0) {
        if (resting_ != nullptr && resting_ != owner_)
            resting_->hear(info);
        switch (owner_->take(info)) {
        case signal_owner::verdict::passed_on:
            return;
        case signal_owner::verdict::enough:
            if (resting_ != nullptr)
                return; // it has ended its command
            die(signal);
        case signal_owner::verdict::not_mine:
            break;
        }
    }
    switch (signal) {
    case SIGUSR1:
    case SIGUSR2:
        // Once, as a signal that is blocked is pending once.
        if (std::none_of(kept_.begin(), kept_.end(),
                         [&](const auto& item) { return item.ssi_signo == info.ssi_signo; }))
            kept_.push_back(info);
        return;
    case SIGTSTP:
        stop_this_process(SIGTSTP); // where nothing would continue it, it goes on
        return;
    case SIGCONT:
    case SIGWINCH:
    case SIGURG:
        return;
    default:
        break;
    }
    if (received_ != 0 && clock::now() - first_ < same_request)
        return;
    end_by(signal);
}

void termination::end_by(int signal) {
    if (received_ != 0 || !stop_)
        die(signal);
    received_ = signal;
    first_ = clock::now();
    try {
        stopper_ = std::thread{[this, stop = stop_] {
            stop();
            stopped_ = true;
        }};
    } catch (const std::system_error&) {
        die(signal); // without a thread to end in order with: the launcher undoes everything
    }
}

void termination::die(int signal) noexcept {
    restore_terminal();
    // The program's own core is worth something, ours is not.
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::signal(signal, SIG_DFL);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(signal);
    ::_exit(exit_status::signal_base + signal); // as pid 1 of a container the default action does nothing
}

} // namespace gestvenv::cli
