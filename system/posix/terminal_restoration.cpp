// SPDX-License-Identifier: MIT
#include "system/posix/terminal_restoration.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

namespace gestvenv {

namespace {

std::atomic<int> to_have_restored{-1};

} // namespace

void have_terminal_restored(int terminal) noexcept {
    to_have_restored = terminal;
}

int terminal_to_have_restored() noexcept {
    return to_have_restored;
}

bool is_raw_form_of(const termios& now, const termios& modes) noexcept {
    auto raw = modes;
    ::cfmakeraw(&raw);
    const auto differs = [](tcflag_t one, tcflag_t other, tcflag_t either) {
        return ((one ^ other) & ~either) != 0;
    };
    return !differs(now.c_iflag, raw.c_iflag, 0) && !differs(now.c_cflag, raw.c_cflag, 0) &&
           !differs(now.c_lflag, raw.c_lflag, ISIG) && !differs(now.c_oflag, raw.c_oflag, OPOST) &&
           std::equal(std::begin(now.c_cc), std::end(now.c_cc), std::begin(raw.c_cc));
}

terminal_restoration::terminal_restoration(descriptor terminal) noexcept : terminal_(std::move(terminal)) {
    if (terminal_ && ::tcgetattr(terminal_.get(), &modes_) != 0)
        terminal_.reset();
}

void terminal_restoration::restore() noexcept {
    termios now{};
    if (terminal_ && ::tcgetattr(terminal_.get(), &now) == 0 && is_raw_form_of(now, modes_))
        ::tcsetattr(terminal_.get(), TCSANOW,
                    &modes_); // at once: to wait for output could be to wait for ever
    terminal_.reset();
}

} // namespace gestvenv
