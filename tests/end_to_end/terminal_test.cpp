// SPDX-License-Identifier: MIT
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

using namespace gestvenv::test;

namespace {

/// A terminal of 40 columns, and what is shown on it.
class terminal {
public:
    terminal() {
        winsize size{24, 40, 0, 0};
        REQUIRE(::openpty(&own_, &programs_, nullptr, nullptr, &size) == 0);
        ::fcntl(own_, F_SETFD, FD_CLOEXEC);
        ::fcntl(programs_, F_SETFD, FD_CLOEXEC);
    }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;
    ~terminal() {
        ::close(own_);
        ::close(programs_);
    }

    int for_program() const noexcept { return programs_; }

    /// What has been written to it since it was last asked.
    std::string text() const {
        std::string text;
        pollfd ready{own_, POLLIN, 0};
        while (::poll(&ready, 1, 50) == 1 && (ready.revents & POLLIN) != 0) {
            std::array<char, 4096> buffer{};
            auto size = ::read(own_, buffer.data(), buffer.size());
            if (size <= 0)
                break;
            text.append(buffer.data(), static_cast<std::size_t>(size));
        }
        return text;
    }

private:
    int own_ = -1;
    int programs_ = -1;
};

} // namespace

TEST_CASE("a command on a terminal learns which one it is; nothing else of the caller's comes with it") {
    scene place;
    terminal screen;
    place.where().terminal = screen.for_program();
    place.where().variables["TERM"] = "xterm-test";
    place.where().variables["LC_TIME"] = "C.UTF-8";
    place.where().variables["SECRET_TOKEN"] = "open-sesame";
    CHECK(place.gestvenv({"run", "sh", "-c", "test -t 0 && test -t 1 && echo $TERM $LC_TIME $SECRET_TOKEN."})
              .status == 0);
    CHECK(screen.text() == "xterm-test C.UTF-8 .\r\n");
}

TEST_CASE("on a terminal a line tells what is installed, and is erased before the command starts") {
    scene place;
    terminal screen;
    place.where().terminal = screen.for_program();
    place.where().variables["TERM"] = "xterm";
    place.where().variables["UV_NO_CACHE"] = "1"; // so that there is something to wait for
    auto result = place.gestvenv({"run", "--packages", "requests", "echo", "output"});
    auto text = screen.text();
    if (result.status == 125) {
        result.err = text;
        needs_index(result);
    }
    CHECK(result.status == 0);
    const std::string erase = "\r\x1b[K";
    CHECK(text.rfind(erase + "installing requests (0 s)", 0) == 0);
    const auto end = erase + "output\r\n";
    REQUIRE(text.size() > end.size());
    CHECK(text.substr(text.size() - end.size()) == end);
}
