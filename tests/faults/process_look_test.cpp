// SPDX-License-Identifier: MIT
// What the rig takes for alive.
#include "tests/support/processes.hpp"
#include "tools/faults/common/process_look.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::faults;

namespace {

bool is_below(pid_t root, pid_t pid) {
    auto found = living_below(root);
    return std::any_of(found.begin(), found.end(), [pid](const auto& process) { return process.pid == pid; });
}

bool has_become(pid_t pid, char state) {
    for (int i = 0; i < 2000; ++i) {
        if (auto process = look_at(pid); process && process->state == state)
            return true;
        ::poll(nullptr, 0, 5);
    }
    return false;
}

// A program whose first thread ends and whose second waits; it has a variable of that text.
constexpr const char* headless = R"(
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).syscall({}, 0)
)";

pid_t start_headless(std::string variable, std::string word) {
    std::string script = headless;
    script.replace(script.find("{}"), 2, std::to_string(SYS_exit));
    std::string program = "python3";
    std::string option = "-c";
    auto pid = ::fork();
    if (pid == 0) {
        std::array<char*, 5> words{program.data(), option.data(), script.data(), word.data(), nullptr};
        ::putenv(variable.data());
        ::execvp(words[0], words.data());
        ::_exit(127);
    }
    return pid;
}

} // namespace

TEST_CASE("a process whose first thread has ended lives as long as another of its threads does") {
    auto word = test::unique_number();
    auto pid = start_headless("GESTVENV_TEST_WORD=" + word, word);
    REQUIRE(pid > 0);
    REQUIRE(has_become(pid, 'Z'));
    CHECK(look_at(pid)->lives());
    CHECK(is_below(::getpid(), pid));
    CHECK(living_with("GESTVENV_TEST_WORD=" + word) == std::vector<pid_t>{pid});
    CHECK(test::processes_with(word) == std::vector<pid_t>{pid});
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    CHECK_FALSE(look_at(pid).has_value());
    CHECK(living_with("GESTVENV_TEST_WORD=" + word).empty());
}

TEST_CASE("a process that has ended and is not waited for does not live") {
    auto pid = ::fork();
    if (pid == 0)
        ::_exit(0);
    REQUIRE(pid > 0);
    REQUIRE(has_become(pid, 'Z'));
    CHECK_FALSE(look_at(pid)->lives());
    CHECK_FALSE(is_below(::getpid(), pid));
    ::waitpid(pid, nullptr, 0);
}

TEST_CASE("what is below a process is found through all that are between") {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    auto child = ::fork();
    if (child == 0) {
        auto grandchild = ::fork();
        if (grandchild > 0 && ::write(pipe[1], &grandchild, sizeof grandchild) < 0)
            ::_exit(1);
        for (;;)
            ::pause();
    }
    pid_t grandchild = 0;
    REQUIRE(::read(pipe[0], &grandchild, sizeof grandchild) == sizeof grandchild);
    CHECK(is_below(::getpid(), child));
    CHECK(is_below(::getpid(), grandchild));
    CHECK_FALSE(is_below(grandchild, child));
    ::kill(grandchild, SIGKILL);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
}
