// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/progress_line.hpp"

#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

// What is over sooner needs no explanation, and a line that flashes disturbs.
constexpr std::chrono::milliseconds moment{200};

// ECMA-48: to the first column, erase to the end of the line.
constexpr std::string_view erase_line = "\r\x1b[K";

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

} // namespace

bool progress_can_be_shown() {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

progress_line::progress_line(std::string text, bool visible) : text_(std::move(text)) {
    if (!visible)
        return;
    try {
        writer_ = std::thread{[this] { show_until_done(); }};
    } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): then there is no line
    }
}

progress_line::~progress_line() {
    if (!writer_.joinable())
        return;
    {
        std::lock_guard lock{mutex_};
        done_ = true;
    }
    changed_.notify_one();
    writer_.join();
}

void progress_line::say(std::string text) {
    std::lock_guard lock{mutex_};
    text_ = std::move(text);
    if (is_shown_ && !done_)
        show();
}

void progress_line::show_until_done() {
    auto next = began_ + moment;
    std::unique_lock lock{mutex_};
    while (!changed_.wait_until(lock, next, [this] { return done_; })) {
        show();
        is_shown_ = true;
        next = began_ + elapsed() + std::chrono::seconds{1};
    }
    if (is_shown_)
        static_cast<void>(
            write_all(STDERR_FILENO, erase_line)); // a terminal that has gone away shows nothing
}

std::chrono::seconds progress_line::elapsed() const {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_);
}

void progress_line::show() const {
    auto line = fmt::format("{} ({} s)", text_, elapsed().count());
    // A line that wraps could not be erased; the last column may wrap by itself.
    if (auto width = terminal_width(); line.size() >= width)
        line.resize(width - 1);
    static_cast<void>(write_all(STDERR_FILENO, fmt::format("{}{}", erase_line, line)));
}

} // namespace gestvenv::cli
