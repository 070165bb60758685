// SPDX-License-Identifier: MIT
// Numbers of processes come to name others: a process that has got one since is neither killed nor stopped.
#include "system/launcher/helper_process.hpp"
#include "system/launcher/process_tree.hpp"
#include "system/posix/descriptor.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/support/pid_namespace.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fstream>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;

namespace {

[[noreturn]] void wait_for_ever() {
    for (;;)
        ::pause();
}

/// A process that has a child, which is there when this returns; -1 where that failed.
pid_t parent_of_one(const char* name) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0)
        return -1;
    auto parent = ::fork();
    if (parent == 0) {
        ::prctl(PR_SET_NAME, name);
        if (::fork() == 0) {
            (void)!::write(ends[1], "x", 1);
            wait_for_ever();
        }
        wait_for_ever();
    }
    char word = 0;
    auto got = ::read(ends[0], &word, 1);
    ::close(ends[0]);
    ::close(ends[1]);
    return got == 1 ? parent : -1;
}

bool runs(pid_t child) {
    return ::waitpid(child, nullptr, WNOHANG | WUNTRACED) == 0;
}

int undo_a_keeper_whose_number_changes_hands() {
    auto keeper = parent_of_one("gestvenv-keeper");
    auto start = start_time_of(keeper);
    if (keeper < 0 || !start)
        return 20;
    pid_t stranger = -1;
    fault_hook reuse{"helper: is about to undo a keeper", [&] {
                         ::kill(keeper, SIGKILL);
                         ::waitpid(keeper, nullptr, 0);
                         std::ofstream{"/proc/sys/kernel/ns_last_pid"} << keeper - 1;
                         stranger = parent_of_one("stranger");
                     }};
    auto ended = carry_out({{}, {}, {}, {{keeper, *start}}});
    if (stranger != keeper)
        return 21;
    if (!runs(stranger) || living_descendants(stranger).size() != 1)
        return 22;
    return ended.residue.empty() && ended.processes_killed == 0 ? 0 : 23;
}

} // namespace

TEST_CASE("a keeper that ends while it is undone takes no stranger with it that gets its number, and none of "
          "a stranger's children") {
    if (::geteuid() != 0)
        SKIP("only root says which number a process gets");
    CHECK(in_pid_namespace(undo_a_keeper_whose_number_changes_hands) == 0);
}
