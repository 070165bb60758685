// SPDX-License-Identifier: MIT
#include "net/terminal/pseudo_terminal.hpp"

#include "system/posix/system_failure.hpp"

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <fcntl.h>

namespace gestvenv::terminal {

namespace {

winsize window_of(const window_size& size) {
    winsize window{};
    window.ws_col = size.columns;
    window.ws_row = size.rows;
    return window;
}

} // namespace

outcome<pseudo_terminal> open_pseudo_terminal(const window_size& size) {
    auto window = window_of(size);
    int master = -1;
    int device = -1;
    // Between this and the flags below no process is started: the launcher alone does that, and inherits nothing.
    if (::openpty(&master, &device, nullptr, nullptr, &window) != 0)
        return system_failure(errno, "cannot make a pseudo-terminal");
    pseudo_terminal made{descriptor{master}, descriptor{device}};
    for (int number : {master, device})
        ::fcntl(number, F_SETFD, FD_CLOEXEC);
    ::fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    termios modes{};
    if (::tcgetattr(device, &modes) == 0) {
        modes.c_iflag |= IUTF8; // a key that erases, erases a character
        ::tcsetattr(device, TCSANOW, &modes);
    }
    return made;
}

outcome<void> resize(const descriptor& master, const window_size& size) {
    auto window = window_of(size);
    if (::ioctl(master.get(), TIOCSWINSZ, &window) != 0)
        return system_failure(errno, "cannot change the size of the terminal");
    return {};
}

} // namespace gestvenv::terminal
