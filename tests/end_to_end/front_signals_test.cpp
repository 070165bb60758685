// SPDX-License-Identifier: MIT
// The command has the caller's signals as if it had been started by hand, and its umask.
#include "tests/end_to_end/program.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <csignal>
#include <filesystem>
#include <string>

using namespace gestvenv::test;

namespace {

// Says what it gets; ends by SIGTERM, after `finally`.
constexpr auto names_signals =
    "import signal, sys, time\n"
    "def say(*words): print(*words, flush=True)\n"
    "for name in 'HUP QUIT USR1 USR2 TSTP CONT WINCH ALRM URG IO RTMIN RTMAX'.split():\n"
    "    signal.signal(getattr(signal, 'SIG' + name), lambda n, f, name=name: say(name))\n"
    "signal.signal(37, lambda n, f: say(n))\n"
    "def end(*_): sys.exit(7)\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "try:\n"
    "    say('ready')\n"
    "    while True: time.sleep(600)\n"
    "finally:\n"
    "    say('finally')\n";

constexpr auto deaf = "import signal, time\n"
                      "for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, lambda *_: "
                      "print('heard', flush=True))\n"
                      "print('ready', flush=True)\n"
                      "while True: time.sleep(600)\n";

} // namespace

TEST_CASE("signals reach the command as they are, and end nothing that it does not end") {
    scene place;
    auto program = place.start({"run", "python", "-c", names_signals});
    program.wait_for_lines(1);
    std::string expected = "ready\n";
    std::size_t lines = 1;
    for (auto [number, name] :
         {std::pair{SIGHUP, "HUP"}, std::pair{SIGQUIT, "QUIT"}, std::pair{SIGUSR1, "USR1"},
          std::pair{SIGUSR2, "USR2"}, std::pair{SIGTSTP, "TSTP"}, std::pair{SIGCONT, "CONT"},
          std::pair{SIGWINCH, "WINCH"}, std::pair{SIGUSR1, "USR1"}, std::pair{SIGALRM, "ALRM"},
          std::pair{SIGURG, "URG"}, std::pair{SIGIO, "IO"}, std::pair{SIGRTMIN, "RTMIN"},
          std::pair{SIGRTMIN + 3, "37"}, std::pair{SIGRTMAX, "RTMAX"}}) {
        program.send(number);
        program.wait_for_lines(++lines);
        expected += name;
        expected += '\n';
    }
    program.send(SIGTERM);
    auto result = program.wait();
    CHECK(result.status == 7);
    CHECK(result.out == expected + "finally\n");
}

TEST_CASE("a signal lets the command end in order, and its status is the program's") {
    scene place;
    auto program = place.start({"run", "python", "-c",
                                "import sys, time\n"
                                "try:\n"
                                "    print('ready', flush=True); time.sleep(600)\n"
                                "except KeyboardInterrupt:\n"
                                "    time.sleep(1.2); print('in order', flush=True); sys.exit(3)\n"});
    program.wait_for_lines(1);
    program.send(SIGINT);
    auto result = program.wait();
    CHECK(result.status == 3);
    CHECK(result.out == "ready\nin order\n");
}

TEST_CASE("a command that a passed signal ends makes this program end by it") {
    scene place;
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, 37);
    CAPTURE(signal);
    auto program =
        place.start({"run", "--receipt", "receipt.json", "sh", "-c", "echo ready; exec sleep 600"});
    program.wait_for_lines(1);
    program.send(signal);
    CHECK(program.wait().signal == signal);
    CHECK(content_of(place.folder() / "receipt.json").find("\"residue\": []") != std::string::npos);
}

TEST_CASE("an alarm that was set before this program is the command's") {
    scene place;
    auto result = place.shell("exec python3 -c 'import os, signal, sys\n"
                              "signal.alarm(1)\n"
                              "os.execv(sys.argv[1], sys.argv[1:])' \"$GESTVENV\" run python -c '\n"
                              "import signal, sys, time\n"
                              "signal.signal(signal.SIGALRM, lambda *_: sys.exit(5))\n"
                              "time.sleep(600)'");
    INFO(result.err);
    CHECK(result.status == 5);
}

TEST_CASE("the third SIGINT and the second SIGTERM end a command that does not want to") {
    scene place;
    const int signal = GENERATE(SIGINT, SIGTERM);
    CAPTURE(signal);
    const auto number = unique_number();
    auto program = place.start({"run", "python", "-c", deaf, number});
    program.wait_for_lines(1);
    // By another process each time, and each once the one before has been heard: none counts as the same.
    const std::size_t most = signal == SIGINT ? 3 : 2;
    for (std::size_t sent = 1; sent < most; ++sent) {
        place.run({"kill", "-" + std::to_string(signal), std::to_string(program.pid())});
        program.wait_for_lines(1 + sent);
    }
    place.run({"kill", "-" + std::to_string(signal), std::to_string(program.pid())});
    CHECK(program.wait().signal == signal);
    CHECK(wait_for_processes(number, 0));
}

TEST_CASE("timeout(1) around it ends the command in order") {
    scene place;
    auto result = place.shell("timeout 3 \"$GESTVENV\" run python -c '\n"
                              "import signal, sys, time\n"
                              "def end(*_):\n"
                              "    time.sleep(0.5); print(\"in order\"); sys.exit(0)\n"
                              "signal.signal(signal.SIGTERM, end)\n"
                              "time.sleep(600)'");
    CHECK(result.status == 124);
    CHECK(result.out == "in order\n");
}

TEST_CASE("a timeout asks first, and kills what has not ended after the grace") {
    scene place;
    auto asked = place.gestvenv({"run", "--timeout", "1", "python", "-c",
                                 "import signal, sys, time\n"
                                 "def end(*_):\n"
                                 "    time.sleep(1); print('in order'); sys.exit(0)\n"
                                 "signal.signal(signal.SIGTERM, end)\n"
                                 "time.sleep(600)\n"});
    CHECK(asked.status == 124);
    CHECK(asked.out == "in order\n");
    const auto number = unique_number();
    auto deaf_result = place.gestvenv({"run", "--timeout", "1", "python", "-c", deaf, number});
    CHECK(deaf_result.status == 124);
    CHECK(deaf_result.out == "ready\nheard\n");
    CHECK(processes_with(number).empty());
}

TEST_CASE("what the command makes has the modes that the caller's umask leaves") {
    scene place;
    auto made = [&](const std::string& mask) {
        return place
            .shell("umask " + mask +
                   "; \"$GESTVENV\" run sh -c 'umask; touch file; mkdir folder'; stat -c %a file folder; "
                   "rm -r file folder")
            .out;
    };
    CHECK(made("077") == "0077\n600\n700\n");
    CHECK(made("002") == "0002\n664\n775\n");
    CHECK(made("022") == "0022\n644\n755\n");
}
