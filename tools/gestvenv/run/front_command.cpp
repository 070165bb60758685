// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/front_command.hpp"

#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/terminal/process_stop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

/// Bound on stops that have not been attended to: each needs a continuation in between.
constexpr std::size_t most_stops = 16;

constexpr std::chrono::milliseconds look_interval{100};

bool is_ignored(int signal) {
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    return now.sa_handler == SIG_IGN;
}

/// By the kernel: a key, a hang-up, a change of size; no timer.
bool is_from_terminal(const signalfd_siginfo& signal) {
    constexpr std::array<std::uint32_t, 6> of_terminals{SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGCONT, SIGWINCH};
    return signal.ssi_code == SI_KERNEL &&
           std::find(of_terminals.begin(), of_terminals.end(), signal.ssi_signo) != of_terminals.end();
}

std::uint64_t bit(int signal) {
    return std::uint64_t{1} << (signal & 63);
}

} // namespace

front_command::front_command(termination& signals, std::chrono::milliseconds grace)
    : signals_(signals), grace_(grace), ignores_hang_up_(is_ignored(SIGHUP)) {}

front_command::~front_command() {
    signals_.take_back();
}

void front_command::open_terminal(command_spec& command) {
    if (command.streams != stream_mode::inherit)
        return;
    auto relay = terminal_relay::open();
    if (!relay)
        return print_warning(fmt::format("the command shares this terminal, without one of its own: {}",
                                         relay.error().message));
    relay_ = std::move(*relay);
    if (!relay_)
        return;
    if (relay_->whole())
        relay_->take_terminal(); // not in the background, until it is asked for
    command.terminal = relay_->for_command();
}

operation_result front_command::run(environment& where, command_spec command) {
    open_terminal(command);
    control_.on_stop([stops = stops_, &signals = signals_](int signal) {
        {
            std::scoped_lock lock{stops->mutex};
            if (stops->signals.size() < most_stops)
                stops->signals.push_back(signal);
        }
        signals.wake();
    });
    signals_.give_to(*this);
    auto answer = where.execute_async(std::move(command), control_);
    answer.wait();
    finish();
    signals_.take_back();
    if (relay_) {
        typed_ = relay_->typed_signal();
        relay_->leave_terminal();
    }
    return answer.get();
}

void front_command::finish() {
    if (!relay_)
        return;
    std::unique_lock lock{mutex_};
    finishing_ = true;
    signals_.wake();
    // For as long as a slow reader takes; a signal ends the wait.
    while (
        !changed_.wait_for(lock, look_interval, [this] { return finished_ || signals_.received() != 0; })) {
    }
}

int front_command::ended_by_signal_of_caller(const operation_result& result) const noexcept {
    if (!result.signal)
        return 0;
    const bool known = (passed_ & bit(*result.signal)) != 0 || typed_ == *result.signal;
    return known ? *result.signal : 0;
}

signal_owner::verdict front_command::take(const signalfd_siginfo& signal) {
    const auto number = static_cast<int>(signal.ssi_signo);
    const bool by_terminal = is_from_terminal(signal);
    if (signal.ssi_pid == static_cast<std::uint32_t>(::getpid()))
        return verdict::passed_on; // for the others of the group
    switch (number) {
    case SIGWINCH:
        return resize(signal);
    case SIGCONT:
        return go_on();
    case SIGHUP:
        if (by_terminal && relay_) {
            lose_terminal();
            return verdict::passed_on;
        }
        break;
    default:
        break;
    }
    // A key that the terminal makes a signal of is the program's to count.
    if (!(by_terminal && relay_) &&
        patience_.exceeded_by(number, static_cast<pid_t>(signal.ssi_pid), signal_patience::clock::now())) {
        control_.end();
        return verdict::enough;
    }
    if (!control_.send_signal(number, by_terminal ? signal_target::foreground_group : signal_target::program))
        return verdict::not_mine;
    passed_ |= bit(number);
    return verdict::passed_on;
}

// The kernel tells the program of another size, where it is in the foreground.
signal_owner::verdict front_command::resize(const signalfd_siginfo& signal) {
    const bool resized = relay_ && relay_->copy_size();
    if (!resized || !relay_->has_terminal())
        control_.send_signal(SIGWINCH,
                             is_from_terminal(signal) ? signal_target::group : signal_target::program);
    return verdict::passed_on;
}

// After a stop of this program, or of the command alone.
signal_owner::verdict front_command::go_on() {
    bool in_foreground = true;
    if (relay_) {
        const bool wanted = relay_->whole() || std::exchange(had_terminal_, false) || relay_->has_terminal();
        in_foreground = wanted && relay_->take_terminal();
        if (!in_foreground)
            relay_->leave_terminal();
    }
    control_.resume(in_foreground);
    return verdict::passed_on;
}

void front_command::program_stopped(int signal) {
    const bool for_terminal = signal == SIGTTIN || signal == SIGTTOU;
    if (relay_ && for_terminal && relay_->gone())
        return lose_terminal(); // it would ask again, and be stopped again
    if (relay_ && for_terminal && !relay_->has_terminal() && relay_->take_terminal()) {
        control_.resume(true);
        return;
    }
    if (relay_ && for_terminal && relay_->waits_for_turn()) {
        turn_at_ = std::chrono::steady_clock::now() + look_interval; // it stays stopped until then
        return;
    }
    if (relay_) {
        had_terminal_ = relay_->has_terminal();
        relay_->leave_terminal();
        // The key would have stopped the caller's whole group, a shell that waits for us included.
        if (signal != SIGSTOP)
            ::kill(0, signal);
    }
    // Nothing but a shell with job control continues what it has seen stopped: without one, SIGSTOP would
    // keep deadlines from being met.
    if (!stop_this_process(signal == SIGSTOP ? SIGTSTP : signal) && signal != SIGSTOP)
        go_on();
}

void front_command::lose_terminal() {
    if (std::exchange(terminal_lost_, true))
        return;
    relay_->leave_terminal();
    if (ignores_hang_up_)
        return; // it goes on without one
    passed_ |= bit(SIGHUP);
    control_.send_signal(SIGHUP, signal_target::group);
    control_.send_signal(SIGCONT, signal_target::group);
    end_at_ = std::chrono::steady_clock::now() + grace_;
}

std::vector<pollfd> front_command::waits() {
    if (!relay_)
        return {};
    auto items = relay_->waits();
    return {items.begin(), items.end()};
}

std::optional<std::chrono::steady_clock::time_point> front_command::wake_at() {
    return end_at_ && turn_at_ ? std::min(end_at_, turn_at_) : (end_at_ ? end_at_ : turn_at_);
}

// Had the program been started by hand, the terminal would have told the caller's whole group: make, a loop of a shell.
void front_command::tell_group() {
    for (int signal : relay_->take_untold_signals())
        ::kill(0, signal);
}

bool front_command::attend(const std::vector<pollfd>& ready) {
    std::deque<int> stopped;
    {
        std::scoped_lock lock{stops_->mutex};
        stopped.swap(stops_->signals);
    }
    if (relay_) {
        const bool had_terminal = relay_->has_terminal();
        if (ready.size() == relay_->waits().size())
            relay_->pass_on({ready[0], ready[1]});
        tell_group();
        if (had_terminal && !relay_->has_terminal())
            control_.resume(false); // a shell has moved us into the background
        // A job in the background is told by its shell, or not at all (disown).
        if (relay_->gone() && had_terminal)
            lose_terminal();
    }
    for (int signal : stopped)
        program_stopped(signal);
    if (turn_at_ && std::chrono::steady_clock::now() >= *turn_at_) {
        turn_at_.reset();
        program_stopped(SIGTTIN);
    }
    std::scoped_lock lock{mutex_};
    if (finishing_ && !finished_ && relay_->drained()) {
        finished_ = true;
        changed_.notify_all();
    }
    if (!end_at_ || std::chrono::steady_clock::now() < *end_at_)
        return false;
    end_at_.reset();
    return true;
}

} // namespace gestvenv::cli
