// SPDX-License-Identifier: MIT
// The command of `gestvenv run` in front of its caller: as if it had been started by hand, it has the signals
// and the terminal.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run/signal_patience.hpp"
#include "tools/gestvenv/terminal/terminal_relay.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/command_control.hpp>
#include <gestvenv/environment.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gestvenv::cli {

/// For one command.
class front_command final : public signal_owner {
public:
    /// `grace`: how long a program may take to end when its terminal has gone away.
    front_command(termination& signals, std::chrono::milliseconds grace);
    ~front_command() override;

    /// Runs it to its end, and throws as `environment::execute` does. The caller's terminal is as it was
    /// then.
    operation_result run(environment& where, command_spec command);

    /// The signal that ended the command after it had come from this program's caller, by a key or by
    /// kill(2); 0: none. Then shells expect that this program ends by it, too.
    int ended_by_signal_of_caller(const operation_result& result) const noexcept;

    verdict take(const signalfd_siginfo& signal) override;
    std::vector<pollfd> waits() override;
    std::optional<std::chrono::steady_clock::time_point> wake_at() override;
    bool attend(const std::vector<pollfd>& ready) override;

private:
    void open_terminal(command_spec& command);
    /// After the command's end: the rest of its output.
    void finish();
    verdict resize(const signalfd_siginfo& signal);
    verdict go_on();
    void program_stopped(int signal);
    void tell_group();
    void lose_terminal();

    termination& signals_;
    const std::chrono::milliseconds grace_;
    const bool ignores_hang_up_;
    command_control control_;
    std::unique_ptr<terminal_relay> relay_;
    signal_patience patience_;
    std::atomic<std::uint64_t> passed_{0};
    std::atomic<int> typed_{0};
    /// Whether the program had the terminal when it was stopped.
    bool had_terminal_ = false;
    bool terminal_lost_ = false;
    std::optional<std::chrono::steady_clock::time_point> end_at_;
    /// When to try again, for a program that is stopped because another run has the terminal.
    std::optional<std::chrono::steady_clock::time_point> turn_at_;

    struct stops {
        std::mutex mutex;
        std::deque<int> signals;
    };
    /// Written by the runtime's callback thread, which may outlive this.
    std::shared_ptr<stops> stops_ = std::make_shared<stops>();

    std::mutex mutex_;
    std::condition_variable changed_;
    bool finishing_ = false;
    bool finished_ = false;
};

} // namespace gestvenv::cli
