// The signals that end the program: SIGINT, SIGTERM, SIGHUP. The library leaves signals to its host, and the
// program is that host.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace gestvenv::cli {

/// Blocks the signals for this thread and all it starts, so that one thread alone waits for them. Made in
/// main, before any other thread. A signal that the caller has set to be ignored (nohup, a job in the
/// background of a script) is left ignored.
///
/// The first signal runs the stop function, on a thread of its own. The next ends the program at once; the
/// launcher, which watches the program, then undoes what is there. Signals within a quarter of a second count
/// as one: timeout(1) sends each twice.
class termination {
public:
    termination();
    termination(const termination&) = delete;
    termination& operator=(const termination&) = delete;
    /// Leaves the signals blocked: what comes later comes too late to be of use, unless `die` lets it
    /// through.
    ~termination();

    /// From now on a signal runs `stop`; before, it ends the program at once.
    void stop_with(std::function<void()> stop);
    /// From now on a signal ends the program at once. Waits for a stop function that is running.
    void stop_no_more();

    /// The first signal that came; 0: none.
    int received() const noexcept { return received_; }

    /// Ends the program by this signal, so that whoever waits for it sees by what it ended.
    [[noreturn]] static void die(int signal) noexcept;

private:
    void wait();
    void on_signal(int signal);

    int signals_ = -1;
    /// A pipe whose other end is closed when this object ends.
    int end_ = -1;
    int living_ = -1;
    std::atomic<bool> ending_ = false;
    std::atomic<int> received_ = 0;
    std::atomic<bool> stopped_ = false;
    std::mutex mutex_;
    std::function<void()> stop_;
    std::thread stopper_;
    std::thread waiter_;
};

} // namespace gestvenv::cli
