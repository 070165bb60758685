// SPDX-License-Identifier: MIT
#include "system/posix/terminal_restoration.hpp"

#include "system/posix/set_terminal_modes.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

namespace gestvenv {

namespace {

std::mutex noting;
std::optional<noted_terminal> to_have_restored;

} // namespace

void have_terminal_restored(int device) noexcept {
    noted_terminal noted{device, {}};
    if (device < 0 || ::tcgetattr(device, &noted.modes) != 0)
        return;
    const std::lock_guard lock{noting};
    to_have_restored = noted;
}

std::optional<noted_terminal> terminal_to_have_restored() noexcept {
    const std::lock_guard lock{noting};
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
        set_terminal_modes(terminal_.get(), modes_);
    terminal_.reset();
}

} // namespace gestvenv
