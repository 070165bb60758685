// SPDX-License-Identifier: MIT
// Whether threads may be started is told by the limits, so that none has to be started to learn it.
#include "system/limits/cgroup_tree.hpp"
#include "system/limits/process_capacity.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gestvenv;

namespace {

// In a child, so that its limits and its group are its own.
template <class Ask>
bool in_child(Ask ask) {
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(ask() ? 0 : 1);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("a low limit of a user's processes leaves no room that could be told") {
    CHECK_FALSE(in_child([] {
        rlimit low{100, 100};
        return ::setrlimit(RLIMIT_NPROC, &low) == 0 && has_process_capacity(10);
    }));
}

TEST_CASE("the room in a group is what its limit leaves") {
    auto tree = cgroup_tree::find_version_one("pids");
    if (!tree)
        if (auto two = cgroup_tree::find(); two && two->has("pids"))
            tree = std::move(two);
    if (!tree)
        SKIP("no group with a limit of processes can be made here");
    if (!has_process_capacity(10))
        SKIP("the limits here leave no room already");
    auto group = tree->make("gestvenv-test-room-" + std::to_string(::getpid()));
    REQUIRE(group);
    REQUIRE(group->write("pids.max", "20"));
    CHECK(in_child([&] { return group->join() && has_process_capacity(10); }));
    CHECK_FALSE(in_child([&] { return group->join() && has_process_capacity(30); }));
    CHECK(in_child([&] { return group->join() && process_room() == 19; }));
    CHECK(group->remove());
    tree->tidy();
}
