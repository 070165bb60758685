// SPDX-License-Identifier: MIT
// A host that speaks to a command while it runs, on the real machine.
#include "tests/runtime/host.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <future>
#include <pty.h>
#include <stdexcept>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::shell;

namespace {

constexpr auto patience = 60s;

/// Becomes ready when a line has come.
struct first_line {
    std::shared_ptr<std::promise<std::string>> promise = std::make_shared<std::promise<std::string>>();
    std::future<std::string> line = promise->get_future();

    output_callback hears() const {
        return [kept = promise, told = std::make_shared<bool>(false)](output_stream, std::string_view text) {
            if (!std::exchange(*told, true))
                kept->set_value(std::string{text});
        };
    }
};

} // namespace

TEST_CASE("a host sends signals to a command that runs, and hears when it is stopped") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    command_control control;
    std::promise<int> stopped;
    control.on_stop([&stopped](int signal) { stopped.set_value(signal); });
    first_line first;
    auto result =
        env.execute_async(shell("trap 'echo heard; exit 3' USR1; echo ready; while :; do sleep 0.02; done"),
                          control, first.hears());
    REQUIRE(first.line.wait_for(patience) == std::future_status::ready);
    CHECK(control.send_signal(SIGSTOP));
    auto stop = stopped.get_future();
    REQUIRE(stop.wait_for(patience) == std::future_status::ready);
    CHECK(stop.get() == SIGSTOP);
    CHECK(control.resume(true));
    CHECK(control.send_signal(SIGUSR1));
    auto ended = result.get();
    CHECK(ended.returncode == 3);
    CHECK(ended.stdout_text == "ready\nheard\n");
    CHECK_FALSE(control.send_signal(SIGUSR1));
    CHECK_FALSE(control.end());
}

TEST_CASE("a host ends a command, in order and at once") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    const auto script = "trap 'echo in order; exit 0' TERM; echo ready; while :; do sleep 0.02; done";
    for (auto grace : {std::chrono::milliseconds{60s}, 0ms}) {
        command_control control;
        first_line first;
        auto result = env.execute_async(shell(script), control, first.hears());
        REQUIRE(first.line.wait_for(patience) == std::future_status::ready);
        CHECK(control.end(grace));
        auto ended = result.get();
        CHECK(ended.stdout_text == (grace > 0ms ? "ready\nin order\n" : "ready\n"));
        CHECK(ended.signal == (grace > 0ms ? std::optional<int>{} : SIGKILL));
    }
}

TEST_CASE("a host gives a command a terminal") {
    test::temporary_folder folder;
    runtime host{test::options_in(folder)};
    auto env = host.create();
    int master = -1;
    int device = -1;
    REQUIRE(::openpty(&master, &device, nullptr, nullptr, nullptr) == 0);
    auto command =
        shell("test -t 0 && test -t 1 && ! test -t 2 && read line </dev/tty && echo \"<$line>\" >&2");
    command.terminal = command_terminal{.device = device, .error = false};
    REQUIRE(::write(master, "text\n", 5) == 5);
    auto result = env.execute(std::move(command));
    ::close(master);
    ::close(device);
    CHECK(result.returncode == 0);
    CHECK(result.stderr_text == "<text>\n");
    command = shell("true");
    command.terminal.emplace();
    CHECK_THROWS_AS(env.execute(command), invalid_argument_exception);
    command.terminal.reset();
    command.umask = 01000;
    CHECK_THROWS_AS(env.execute(command), invalid_argument_exception);
}
