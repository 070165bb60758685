#include "tools/gestvenv/termination.hpp"

#include "system/process/thread_room.hpp"
#include "tools/gestvenv/exit_status.hpp"

#include <gestvenv/exceptions.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds same_request{250};

/// A second after a signal nothing may run any more, whatever it does with signals of its own; the launcher
/// takes some milliseconds.
constexpr std::chrono::milliseconds time_to_stop{800};

/// The signals that are ours to handle, as a set.
sigset_t handled_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
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

termination::termination() {
    const auto set = handled_signals();
    if (int problem = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); problem != 0)
        throw std::system_error{problem, std::generic_category(), "pthread_sigmask"};
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0)
        fail("signalfd");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        fail("pipe2");
    end_ = ends[0];
    living_ = ends[1];
    try {
        waiter_ = std::thread{[this] { wait(); }};
    } catch (const std::system_error& refused) {
        throw ephemeral_exception{thread_failure(refused.code().value())};
    }
}

termination::~termination() {
    ending_ = true;
    ::close(living_); // which wakes the thread, and cannot fail to
    waiter_.join();
    if (stopper_.joinable())
        stopper_.join();
    ::close(signals_);
    ::close(end_);
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

void termination::wait() {
    clock::time_point first;
    constexpr std::chrono::milliseconds until_next_attempt{10};
    while (!ending_) {
        int timeout = -1;
        if (received_ != 0 && !stopped_) {
            auto left = std::chrono::ceil<std::chrono::milliseconds>(first + time_to_stop - clock::now());
            if (left.count() <= 0)
                die(received_);
            timeout = static_cast<int>(left.count());
        }
        std::array<pollfd, 2> ready{pollfd{end_, POLLIN, 0}, pollfd{signals_, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), timeout) < 0) {
            std::this_thread::sleep_for(until_next_attempt); // EINTR by a debugger, or no memory for now
            continue;
        }
        if (ready[0].revents != 0)
            return;
        signalfd_siginfo info{};
        if (::read(signals_, &info, sizeof info) != sizeof info)
            continue;
        if (received_ == 0)
            first = clock::now();
        else if (clock::now() - first < same_request)
            continue;
        on_signal(static_cast<int>(info.ssi_signo));
    }
}

void termination::on_signal(int signal) {
    std::lock_guard lock{mutex_};
    if (received_ != 0 || !stop_)
        die(signal);
    received_ = signal;
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
    ::signal(signal, SIG_DFL);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(signal);
    ::_exit(exit_status::signal_base + signal); // as pid 1 of a container the default action does nothing
}

} // namespace gestvenv::cli
