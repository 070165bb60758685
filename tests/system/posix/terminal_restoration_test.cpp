// SPDX-License-Identifier: MIT
// A killed program's terminal is given back, and no other's.
#include "system/posix/terminal_restoration.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

using namespace gestvenv;

namespace {

struct terminal {
    terminal() { REQUIRE(::openpty(&master, &device, nullptr, nullptr, nullptr) == 0); }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;
    ~terminal() {
        ::close(master);
        ::close(device);
    }

    termios modes() const {
        termios now{};
        REQUIRE(::tcgetattr(device, &now) == 0);
        return now;
    }
    void set(const termios& modes) const { REQUIRE(::tcsetattr(device, TCSANOW, &modes) == 0); }
    terminal_restoration noted() const { return terminal_restoration{descriptor{::dup(device)}}; }

    int master = -1;
    int device = -1;
};

} // namespace

TEST_CASE("a terminal that is raw gets back the modes that were noted") {
    terminal one;
    const auto before = one.modes();
    auto launcher = one.noted();
    auto raw = before;
    ::cfmakeraw(&raw);
    SECTION("wholly") {}
    SECTION("with signal keys and line ends, as beside a pipeline") {
        raw.c_lflag |= ISIG;
        raw.c_oflag |= OPOST;
    }
    one.set(raw);
    launcher.restore();
    CHECK(one.modes().c_lflag == before.c_lflag);
    CHECK(one.modes().c_oflag == before.c_oflag);
    CHECK(one.modes().c_iflag == before.c_iflag);
}

TEST_CASE("modes that another program has set stay") {
    terminal one;
    auto launcher = one.noted();
    auto editing = one.modes();
    editing.c_lflag &= ~tcflag_t{ICANON | ECHO}; // as a shell's line editor has them
    one.set(editing);
    launcher.restore();
    CHECK(one.modes().c_lflag == editing.c_lflag);
}

TEST_CASE("a terminal that has been given back stays as the next one has it") {
    terminal one;
    auto launcher = one.noted();
    auto raw = one.modes();
    ::cfmakeraw(&raw);
    one.set(raw);
    launcher.forget();
    launcher.restore();
    CHECK(one.modes().c_lflag == raw.c_lflag);
}

TEST_CASE("without a terminal nothing is restored") {
    terminal_restoration{}.restore();
    terminal_restoration{descriptor{::open("/dev/null", O_RDWR | O_CLOEXEC)}}.restore();
    CHECK_FALSE(terminal_to_have_restored());
    have_terminal_restored(-1);
    CHECK_FALSE(terminal_to_have_restored());
}
