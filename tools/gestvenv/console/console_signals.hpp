// SPDX-License-Identifier: MIT
// The signals of a console: Ctrl-C is the command's that runs, and the line's where none does.
#pragma once

#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/termination.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace gestvenv::cli {

/// What the reader of the next line is told beside keys.
enum class reading_event {
    interrupt, ///< the line is to be given up
    suspend,   ///< the program is to be stopped
    resume,    ///< it has been continued
    resize,    ///< the terminal has another size
    end,       ///< no line is to be read any more
};

/// Has the signals from its making to its end, but for those of a command that runs in front.
class console_signals final : public signal_owner {
public:
    explicit console_signals(termination& signals);
    ~console_signals() override;

    /// Interrupts end what holds the result from now on. Commands may be nested; those within share the outermost's.
    std::stop_token begin_command();
    void end_command();
    bool is_interrupted() const;

    /// Readable while there is an event.
    int descriptor() const noexcept { return wake_.get(); }
    std::optional<reading_event> next_event();

    /// The signal by which the program was told to end; 0: none.
    int told_to_end() const noexcept { return told_to_end_; }
    termination& all() const noexcept { return signals_; }

    verdict take(const signalfd_siginfo& signal) override;
    void hear(const signalfd_siginfo& signal) override;
    std::vector<pollfd> waits() override { return {}; }
    std::optional<std::chrono::steady_clock::time_point> wake_at() override { return std::nullopt; }
    bool attend(const std::vector<pollfd>& ready) override;

private:
    static constexpr std::size_t most_events = 64;

    verdict end_by(int signal);
    void tell(reading_event event);

    termination& signals_;
    gestvenv::descriptor wake_;
    mutable std::mutex mutex_;
    std::deque<reading_event> events_;
    int depth_ = 0;
    std::stop_source stop_;
    std::atomic<int> told_to_end_{0};
};

/// While it lives, an interrupt ends what holds its token.
class command_scope {
public:
    explicit command_scope(console_signals& signals)
        : signals_(signals), interrupted_(signals.begin_command()) {}
    command_scope(const command_scope&) = delete;
    command_scope& operator=(const command_scope&) = delete;
    ~command_scope() { signals_.end_command(); }

    const std::stop_token& interrupted() const noexcept { return interrupted_; }

private:
    console_signals& signals_;
    std::stop_token interrupted_;
};

} // namespace gestvenv::cli
