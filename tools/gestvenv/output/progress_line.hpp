// SPDX-License-Identifier: MIT
// One line on a terminal that says what is going on and for how long, gone before anything else is written
// there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace gestvenv::cli {

/// Whether standard error is a terminal that can erase a line.
bool progress_can_be_shown();

class progress_line {
public:
    /// Shows `text` with the elapsed seconds once it has taken a moment; does nothing where `visible` is
    /// false.
    progress_line(std::string text, bool visible);
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;
    /// Erases the line.
    ~progress_line();

    /// Shows another text from now on; the seconds go on. May be called from any thread.
    void say(std::string text);

private:
    void show_until_done();
    void show() const;
    std::chrono::seconds elapsed() const;

    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::string text_;
    bool is_shown_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread writer_;
};

/// What `work` returns; meanwhile the line is shown, where it can be.
template <class Work>
auto with_progress(std::string text, Work work) {
    progress_line progress{std::move(text), progress_can_be_shown()};
    return work();
}

} // namespace gestvenv::cli
