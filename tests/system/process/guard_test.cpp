// SPDX-License-Identifier: MIT
// A command against the guard that holds it together where there is no group for it.
#include "tests/support/machine_fixture.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <string>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

process_request in_python(machine_fixture& f, const std::string& script, const std::string& word) {
    auto request = f.shell("");
    request.program.arguments = {
        "/usr/bin/python3",
        "-I",
        "-S",
        "-c",
        "import ctypes, os, signal, sys, time\nlibc = ctypes.CDLL(None, use_errno=True)\n" + script,
        word};
    return request;
}

} // namespace

TEST_CASE("a command that kills its guard is ended with all its processes") {
    machine_fixture f{containment::subreaper};
    auto word = unique_number();
    auto result = f.run(in_python(f,
                                  "if os.fork() == 0:\n"
                                  "    os.setsid()\n"
                                  "    if os.fork() == 0: time.sleep(600)\n"
                                  "    os._exit(0)\n"
                                  "os.wait()\n"
                                  "os.kill(os.getppid(), signal.SIGKILL); time.sleep(600)",
                                  word));
    REQUIRE(result);
    CHECK(result->signal == SIGKILL);
    CHECK(processes_with(word).empty());
    CHECK(f.run("true"));
}

TEST_CASE("a command that kills its guard takes no other command along") {
    machine_fixture f{containment::subreaper};
    auto word = unique_number();
    auto other = f.begin(in_python(f, "time.sleep(600)", word));
    REQUIRE(wait_for_processes(word, 1));
    auto result = f.run("kill -9 $PPID; sleep 600");
    REQUIRE(result);
    CHECK(result->signal == SIGKILL);
    CHECK(processes_with(word).size() == 1);
    REQUIRE(f.end());
    (void)other.get();
}

TEST_CASE("a command that stops its guard ends as any other") {
    machine_fixture f{containment::subreaper};
    auto result = f.run("kill -STOP $PPID; exit 3");
    REQUIRE(result);
    CHECK(result->returncode == 3);
}
