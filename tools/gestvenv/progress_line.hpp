// One line on a terminal that says what is going on and for how long, gone before anything else is written
// there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

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

private:
    void show_until_done();
    void show(std::chrono::seconds elapsed) const;

    std::string text_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread writer_;
};

} // namespace gestvenv::cli
