// SPDX-License-Identifier: MIT
// System calls that fail in a run of the whole command line; tools/chaos --syscalls does thousands.
#include "tests/faults/faults_fixture.hpp"
#include "tests/support/places.hpp"
#include "tools/faults/harness/syscall_rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::faults;

namespace {

using position = syscall_cycle::position;

// Containers may forbid tracing.
bool can_trace() {
    auto child = ::fork();
    if (child == 0) {
        ::execl("/usr/bin/strace", "strace", "--seccomp-bpf", "-f", "-e", "trace=execve", "-o", "/dev/null",
                "/bin/true", nullptr);
        ::_exit(1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0;
}

class traced_runs {
public:
    traced_runs() {
        if (!can_trace())
            SKIP("processes cannot be traced here, or there is no strace");
    }

    void run(const syscall_cycle& what) { injected += test::checked_run(rig_, what).injected; }

    std::size_t injected = 0;

private:
    std::filesystem::path program_ = test::built_program;
    syscall_rig rig_{{test::built_fault_subject, test::built_fault_launcher},
                     program_.parent_path(),
                     std::filesystem::temp_directory_path()};
};

} // namespace

TEST_CASE("calls that fail for ever neither hang the program nor end it without a word") {
    traced_runs f;
    for (const auto& [call, error] :
         std::vector<std::pair<const char*, const char*>>{{"write", "EIO"},
                                                          {"write", "EDQUOT"},
                                                          {"write", "EAGAIN"},
                                                          {"sendmsg", "EAGAIN"},
                                                          {"sendmsg", "ENOBUFS"},
                                                          {"dup3", "EBUSY"},
                                                          {"recvmsg", "ENOMEM"},
                                                          {"clone", "EAGAIN"},
                                                          {"clone3", "EAGAIN"},
                                                          {"openat", "EMFILE"},
                                                          {"poll", "ENOMEM"},
                                                          {"read", "EIO"},
                                                          {"epoll_ctl", "ENOSPC"}})
        for (unsigned first : {1U, 4U}) {
            syscall_cycle next;
            next.call = call;
            next.error = error;
            next.where = position::from_on;
            next.first = first;
            f.run(next);
        }
    CHECK(f.injected > 0);
}

TEST_CASE("a run in which any call fails ends in time and with a word, and the next start leaves nothing") {
    traced_runs f;
    constexpr std::uint64_t seed = 1;
    for (std::uint64_t number = 0; number < 40; ++number)
        f.run(draw_syscall(seed, number));
    CHECK(f.injected > 0);
}

TEST_CASE("a seed makes the same failing calls again, and none that is refused") {
    CHECK(draw_syscall(7, 12) == draw_syscall(7, 12));
    CHECK(draw_syscall(7, 12) != draw_syscall(7, 13));
    for (std::uint64_t number = 0; number < 2000; ++number) {
        auto drawn = draw_syscall(3, number);
        for (const char* never : {"futex", "mmap", "munmap", "mprotect", "brk", "madvise", "exit", "close"})
            CHECK(drawn.call != never);
        // A call that is interrupted for ever is no fault that there is.
        CHECK_FALSE((drawn.error == "EINTR" && drawn.where == position::from_on));
    }
}
