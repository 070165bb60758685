// SPDX-License-Identifier: MIT
// The signals of the program. The library leaves them to its host, and the program is that host.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/signalfd.h>
#include <thread>
#include <vector>

namespace gestvenv::cli {

/// Whom the signals are for while a command runs. Called on the thread of `termination`, one call at a time,
/// with all signals blocked; must not block.
class signal_owner {
public:
    enum class verdict {
        passed_on,
        not_mine, ///< the command has ended: they are the program's own again
        enough,   ///< the program is to end at once
    };

    signal_owner() = default;
    signal_owner(const signal_owner&) = delete;
    signal_owner& operator=(const signal_owner&) = delete;
    virtual ~signal_owner() = default;

    virtual verdict take(const signalfd_siginfo& signal) = 0;
    /// Of a signal that the owner of a command has taken meanwhile; of the owner that rests alone.
    virtual void hear(const signalfd_siginfo& signal) { static_cast<void>(signal); }
    /// What else it waits for, and until when at most.
    virtual std::vector<pollfd> waits() = 0;
    virtual std::optional<std::chrono::steady_clock::time_point> wake_at() = 0;
    /// One of them is there, or it is time, or `termination::wake` was called. `ready` as `waits` gave it.
    /// True: the program is to end in order, as by a SIGHUP.
    virtual bool attend(const std::vector<pollfd>& ready) = 0;
};

/// Blocks the signals for this thread and all it starts, so that one thread alone waits for them. Made in
/// main, before any other thread. A signal that the caller has set to be ignored (nohup, a job in the
/// background of a script) is left ignored.
///
/// While there is an owner, signals are for it. Else the first of SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, a
/// real-time signal and others that end a program runs the stop function, on a thread of its own, and the next ends the
/// program at once; the launcher, which watches the program, then undoes what is there. Signals within a quarter of a
/// second count as one: timeout(1) sends each twice. SIGTSTP stops the program, and SIGUSR1 and SIGUSR2 wait for an
/// owner.
class termination {
public:
    /// What the launcher needs some milliseconds for.
    static constexpr std::chrono::milliseconds usual_time_to_stop{800};

    /// `time_to_stop`: after which the stop function has taken too long.
    explicit termination(std::chrono::milliseconds time_to_stop = usual_time_to_stop);
    termination(const termination&) = delete;
    termination& operator=(const termination&) = delete;
    /// Leaves the signals blocked: what comes later comes too late to be of use, unless `die` lets it
    /// through.
    ~termination();

    /// Where the program ends without destructors: signals stay blocked from now on, without a wait for the thread that
    /// takes them. The object must never be destroyed.
    void leave() noexcept;

    /// From now on a signal runs `stop`; before, it ends the program at once.
    void stop_with(std::function<void()> stop);
    /// From now on a signal ends the program at once. Waits for a stop function that is running.
    void stop_no_more();

    void give_to(signal_owner& owner);
    /// The owner hears of nothing any more when this returns.
    void take_back();
    /// Signals are for `owner` from now on where there is no other one, to the end of this object: the program is more
    /// than one command, and an owner that has had enough ends its command alone.
    void rest_with(signal_owner& owner);
    /// No more.
    void rest_no_more();
    /// Has the owner attend to its affairs.
    void wake() const noexcept;

    /// The first signal that stopped the program; 0: none.
    int received() const noexcept { return received_; }

    /// Ends the program by this signal, so that its waiter sees by what it ended.
    [[noreturn]] static void die(int signal) noexcept;

private:
    void wait();
    std::vector<pollfd> what_to_wait_for(int& timeout);
    void attend(const std::vector<pollfd>& ready);
    void take_signals();
    void on_signal(const signalfd_siginfo& signal);
    void end_by(int signal);

    const std::chrono::milliseconds time_to_stop_;
    int signals_ = -1;
    int wake_ = -1;
    std::atomic<bool> ending_ = false;
    std::atomic<int> received_ = 0;
    std::atomic<bool> stopped_ = false;
    /// Of the signal that stops the program.
    std::chrono::steady_clock::time_point first_;
    std::mutex mutex_;
    std::function<void()> stop_;
    signal_owner* owner_ = nullptr;
    signal_owner* resting_ = nullptr;
    /// Signals that came before there was an owner.
    std::vector<signalfd_siginfo> kept_;
    std::thread stopper_;
    std::thread waiter_;
};

} // namespace gestvenv::cli
