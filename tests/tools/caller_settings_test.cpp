// SPDX-License-Identifier: MIT
// The settings that a command elsewhere gets are this process's own.
#include "tools/gestvenv/run/caller_settings.hpp"

#include "messages/validation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gestvenv;

namespace {

/// In a child, whose settings may change.
template <class Check>
bool holds_in_child(const Check& check) {
    const auto child = ::fork();
    if (child == 0)
        ::_exit(check() ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status == 0;
}

} // namespace

TEST_CASE("a caller's limits, nice value and processors are read") {
    CHECK(holds_in_child([] {
        const rlimit files{31, 47};
        cpu_set_t one;
        CPU_ZERO(&one);
        cpu_set_t usable;
        ::sched_getaffinity(0, sizeof usable, &usable);
        int number = 0;
        while (!CPU_ISSET(number, &usable))
            ++number;
        CPU_SET(number, &one);
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0 || ::setpriority(PRIO_PROCESS, 0, 9) != 0 ||
            ::sched_setaffinity(0, sizeof one, &one) != 0)
            return false;
        const auto found = cli::settings_of_caller();
        return found.limits.at("nofile") == process_limit{31, 47} && found.limits.size() == 16 &&
               found.nice == 9 && found.processors == std::vector<int>{number};
    }));
}

TEST_CASE("what is read of a caller is what a command may be given") {
    command_spec command;
    command.arguments = {"true"};
    command.process_settings = cli::settings_of_caller();
    CHECK(validate(command));
}
