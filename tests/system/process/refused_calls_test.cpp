// SPDX-License-Identifier: MIT
// What takes the place of calls that a kernel or a filter refuses. Whole programs under such filters:
// tools/machines.
#include "system/posix/close_descriptors.hpp"
#include "system/posix/process_facts.hpp"
#include "system/posix/process_handle.hpp"
#include "system/storage/usable_places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

/// A child that waits to be ended, held as where there are no pidfds.
struct held_child {
    pid_t pid = ::fork();
    process_handle handle;

    held_child() {
        if (pid == 0)
            for (;;)
                ::pause();
        handle = process_handle{pid, start_time_of(pid).value()};
    }
    held_child(const held_child&) = delete;
    held_child& operator=(const held_child&) = delete;
    ~held_child() {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
};

} // namespace

TEST_CASE("without a pidfd a process is signalled, and its end is seen before it is waited for") {
    held_child child;
    CHECK_FALSE(has_ended(child.handle));
    CHECK(send_signal(child.handle, SIGKILL) == true);
    CHECK(has_ended(child.handle, 10s));
    CHECK(send_signal(child.handle, SIGKILL) == false);
}

TEST_CASE("without a pidfd another process with the same number is left alone") {
    held_child child;
    const process_handle before{child.pid, child.handle.start_time() + 1};
    CHECK(has_ended(before));
    CHECK(send_signal(before, SIGKILL) == false);
    CHECK_FALSE(has_ended(child.handle));
}

TEST_CASE("all descriptors but those named are closed") {
    auto child = ::fork();
    if (child == 0) {
        for (int number : {20, 21, 22, 400})
            ::dup2(STDIN_FILENO, number);
        close_all_but({0, 1, 2, 21});
        auto open = [](int number) { return ::fcntl(number, F_GETFD) >= 0; };
        ::_exit(open(2) && open(21) && !open(20) && !open(22) && !open(400) ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("a home that can be made is used, and one on which nothing can be written is stood in for") {
    test::temporary_folder folder;
    const auto home = folder.path() / "home";
    CHECK(usable_home(home, folder.path()) == home);
    // Not even root can write there.
    const auto instead = folder.path() / ("gestvenv-home-" + std::to_string(::geteuid()));
    CHECK(usable_home("/proc/1/home", folder.path()) == instead);
    CHECK(std::filesystem::is_directory(instead));
    // What others may write to is not ours alone.
    ::chmod(instead.c_str(), 0777);
    CHECK(usable_home("/proc/1/home", folder.path()) == "/proc/1/home");
}
