// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include "system/posix/set_terminal_modes.hpp"
#include "system/posix/terminal_restoration.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

// What a signal handler can reach. The modes are written before the number that makes them valid.
termios modes_to_restore{};
std::atomic<int> changed_terminal{-1};
std::atomic<bool> lines_are_raw{false};

bool has_foreground(int terminal) noexcept {
    auto group = ::tcgetpgrp(terminal);
    return group < 0 || group == ::getpgrp();
}

void restore_and_crash(int signal) {
    restore_terminal();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void restore_after_crashes() noexcept {
    for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        struct sigaction now {};
        ::sigaction(signal, nullptr, &now);
        if (now.sa_handler == SIG_DFL) // a sanitizer has its own
            ::signal(signal, restore_and_crash);
    }
}

} // namespace

bool terminal_modes::in_foreground() const noexcept {
    return has_foreground(terminal_);
}

void terminal_modes::make_raw(terminal_sharing sharing) noexcept {
    if (!in_foreground())
        return;
    if (!raw_) {
        if (::tcgetattr(terminal_, &original_) != 0)
            return;
        changed_ = original_;
        ::cfmakeraw(&changed_);
        if (sharing == terminal_sharing::with_pipeline) {
            changed_.c_lflag |= original_.c_lflag & ISIG;
            changed_.c_oflag |= original_.c_oflag & OPOST;
        }
        modes_to_restore = original_;
        changed_terminal = terminal_;
        restore_after_crashes();
        raw_ = true;
    }
    lines_are_raw = (changed_.c_oflag & OPOST) == 0;
    set_terminal_modes(terminal_, changed_);
}

void terminal_modes::restore() noexcept {
    if (raw_)
        restore_terminal();
    raw_ = false;
}

bool terminal_modes::completes_lines() const noexcept {
    termios now{};
    if (raw_)
        now = changed_;
    else if (::tcgetattr(terminal_, &now) != 0)
        return false;
    return (now.c_oflag & OPOST) != 0 && (now.c_oflag & ONLCR) != 0;
}

void terminal_modes::follow(const termios& program) noexcept {
    const auto signals = (changed_.c_lflag & ~tcflag_t{ISIG}) | (program.c_lflag & ISIG);
    const auto lines = (changed_.c_oflag & ~tcflag_t{OPOST}) | (program.c_oflag & OPOST);
    if (!raw_ || (signals == changed_.c_lflag && lines == changed_.c_oflag))
        return;
    changed_.c_lflag = signals;
    changed_.c_oflag = lines;
    make_raw(terminal_sharing::with_pipeline);
}

void restore_at_end(int terminal) noexcept {
    changed_terminal = -1;
    if (::tcgetattr(terminal, &modes_to_restore) != 0)
        return;
    changed_terminal = terminal;
    restore_after_crashes();
}

void restore_no_more() noexcept {
    changed_terminal = -1;
}

void restore_terminal() noexcept {
    int terminal = changed_terminal.exchange(-1);
    lines_are_raw = false;
    // Who has it now has modes of its own.
    if (terminal >= 0 && has_foreground(terminal))
        set_terminal_modes(terminal, modes_to_restore);
}

void have_terminal_of_streams_restored() noexcept {
    for (int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::isatty(number) == 1)
            return have_terminal_restored(number);
}

bool terminal_is_raw() noexcept {
    return lines_are_raw;
}

} // namespace gestvenv::cli
