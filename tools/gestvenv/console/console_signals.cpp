// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/console_signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

console_signals::console_signals(termination& signals)
    : signals_(signals), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_)
        throw std::system_error{errno, std::generic_category(), "eventfd"};
    signals_.rest_with(*this);
}

console_signals::~console_signals() {
    signals_.rest_no_more();
}

std::stop_token console_signals::begin_command() {
    std::scoped_lock lock{mutex_};
    if (depth_++ == 0)
        stop_ = std::stop_source{};
    return stop_.get_token();
}

void console_signals::end_command() {
    std::scoped_lock lock{mutex_};
    --depth_;
}

bool console_signals::is_interrupted() const {
    std::scoped_lock lock{mutex_};
    return stop_.stop_requested();
}

std::optional<reading_event> console_signals::next_event() {
    std::scoped_lock lock{mutex_};
    if (events_.empty())
        return std::nullopt;
    const auto event = events_.front();
    events_.pop_front();
    if (events_.empty()) {
        std::uint64_t count = 0;
        static_cast<void>(::read(wake_.get(), &count, sizeof count)); // how often does not matter
    }
    return event;
}

void console_signals::tell(reading_event event) {
    std::scoped_lock lock{mutex_};
    if (events_.size() >= most_events)
        return;
    events_.push_back(event);
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_.get(), &one, sizeof one)); // full means that it is readable
}

// A stop function runs on this thread, without the lock: it asks connections to end, and waits for nothing.
signal_owner::verdict console_signals::take(const signalfd_siginfo& signal) {
    const auto number = static_cast<int>(signal.ssi_signo);
    std::unique_lock lock{mutex_};
    const bool runs = depth_ > 0;
    auto stop = stop_;
    lock.unlock();
    switch (number) {
    case SIGINT:
        if (runs)
            stop.request_stop();
        else
            tell(reading_event::interrupt);
        return verdict::passed_on;
    case SIGWINCH:
        if (!runs)
            tell(reading_event::resize);
        return verdict::passed_on;
    case SIGCONT:
        if (!runs)
            tell(reading_event::resume);
        return verdict::passed_on;
    case SIGTSTP:
        if (runs)
            return verdict::not_mine;
        tell(reading_event::suspend);
        return verdict::passed_on;
    case SIGTERM:
    case SIGHUP:
    case SIGQUIT:
        return end_by(number);
    default:
        return verdict::not_mine;
    }
}

void console_signals::hear(const signalfd_siginfo& signal) {
    const auto number = static_cast<int>(signal.ssi_signo);
    if (number == SIGTERM || number == SIGHUP) {
        int none = 0;
        told_to_end_.compare_exchange_strong(none, number);
    }
}

bool console_signals::attend(const std::vector<pollfd>& /*ready*/) {
    return false;
}

// The second one ends the program at once.
signal_owner::verdict console_signals::end_by(int signal) {
    int none = 0;
    if (!told_to_end_.compare_exchange_strong(none, signal))
        return verdict::not_mine;
    std::unique_lock lock{mutex_};
    auto stop = stop_;
    lock.unlock();
    stop.request_stop();
    tell(reading_event::end);
    return verdict::passed_on;
}

} // namespace gestvenv::cli
