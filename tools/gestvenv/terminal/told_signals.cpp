// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/told_signals.hpp"

#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/termination.hpp"

#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr std::array handled{SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGINT, SIGHUP, SIGQUIT};

} // namespace

/// Writes what it is given to the pipe, as signalfd(2) would. A full pipe loses a signal, and has told enough of them.
class told_signals::owner final : public signal_owner {
public:
    owner(termination& signals, descriptor pipe) : signals_(signals), pipe_(std::move(pipe)) {
        signals_.give_to(*this);
    }
    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;
    ~owner() override { signals_.take_back(); }

    verdict take(const signalfd_siginfo& signal) override {
        if (std::find(handled.begin(), handled.end(), static_cast<int>(signal.ssi_signo)) == handled.end())
            return verdict::not_mine;
        static_cast<void>(::write(pipe_.get(), &signal, sizeof signal));
        return verdict::passed_on;
    }
    std::vector<pollfd> waits() override { return {}; }
    std::optional<std::chrono::steady_clock::time_point> wake_at() override { return std::nullopt; }
    bool attend(const std::vector<pollfd>& /*ready*/) override { return false; }

private:
    termination& signals_;
    descriptor pipe_;
};

told_signals::told_signals(descriptor number) : number_(std::move(number)) {}

outcome<told_signals> told_signals::begin(termination* signals) {
    if (signals != nullptr) {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
            return system_failure(errno, "cannot make a pipe");
        told_signals result{descriptor{pipe[0]}};
        result.owner_ = std::make_unique<owner>(*signals, descriptor{pipe[1]});
        return result;
    }
    sigset_t set;
    ::sigemptyset(&set);
    for (int number : handled)
        ::sigaddset(&set, number);
    descriptor number{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!number)
        return system_failure(errno, "signalfd");
    told_signals result{std::move(number)};
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &set, &before);
    result.before_ = before;
    return result;
}

told_signals::told_signals(told_signals&& other) noexcept
    : number_(std::move(other.number_)), owner_(std::move(other.owner_)),
      before_(std::exchange(other.before_, std::nullopt)) {}

told_signals::~told_signals() {
    owner_.reset();
    if (before_)
        ::pthread_sigmask(SIG_SETMASK, &*before_, nullptr);
}

std::optional<int> told_signals::next() const {
    signalfd_siginfo one{};
    if (::read(number_.get(), &one, sizeof one) != sizeof one)
        return std::nullopt;
    return static_cast<int>(one.ssi_signo);
}

} // namespace gestvenv::cli
