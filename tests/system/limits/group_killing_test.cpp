// SPDX-License-Identifier: MIT
// Groups of version 1, which the kernel does not kill as a whole, and groups that are hard to remove.
#include "system/launcher/helper_process.hpp"
#include "system/limits/cgroup_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>

using namespace gestvenv;

namespace {

std::optional<cgroup_tree> version_one() {
    for (const char* controller : {"freezer", "pids", "memory", "cpu"})
        if (auto tree = cgroup_tree::find_version_one(controller))
            return std::move(*tree);
    return {};
}

std::string group_name() {
    return "gestvenv-kill-" + std::to_string(::getpid());
}

pid_t sleeping_child() {
    auto child = ::fork();
    if (child == 0)
        for (;;)
            ::pause();
    return child;
}

bool runs(pid_t child) {
    return ::waitpid(child, nullptr, WNOHANG) == 0;
}

void end(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

} // namespace

TEST_CASE("a process that has got the number of one that was found in a group is not killed with the group") {
    auto tree = version_one();
    if (!tree)
        SKIP("no group of version 1 can be made here");
    auto group = tree->make(group_name());
    REQUIRE(group);
    auto member = sleeping_child();
    auto stranger = sleeping_child();
    REQUIRE(group->write("cgroup.procs", std::to_string(member)));
    const std::vector<pid_t> found{stranger, member};
    CHECK(kill_those_still_listed(found, [&] { return group->processes(); }));
    int status = 0;
    CHECK(::waitpid(member, &status, 0) == member);
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(runs(stranger));
    end(stranger);
    // The number of one that is gone is no failure.
    CHECK(kill_those_still_listed(found, [&] { return std::vector<pid_t>{stranger, member}; }));
    CHECK(group->remove());
    tree->tidy();
}

TEST_CASE("processes that go on by forking in a group of version 1 end when the group is undone") {
    auto tree = version_one();
    if (!tree)
        SKIP("no group of version 1 can be made here");
    auto group = tree->make(group_name());
    REQUIRE(group);
    // Each generation is another process, so that a list is old as soon as it is read. They end by themselves
    // should they not be ended.
    constexpr int lines = 8;
    constexpr int most_generations = 20'000;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int line = 0; line < lines; ++line)
        if (::fork() == 0) {
            (void)group->join();
            for (int generation = 0; generation < most_generations; ++generation)
                if (::fork() != 0)
                    ::_exit(0);
            ::_exit(0);
        }
    while (group->count() < lines / 2)
        ::waitpid(-1, nullptr, WNOHANG);
    auto ended = carry_out({{}, {}, {group->path()}, {}});
    CHECK(ended.residue.empty());
    CHECK_FALSE(std::filesystem::exists(group->path()));
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    (void)group->remove();
    tree->tidy();
}

TEST_CASE("a group goes with groups in it whose names begin with a dot") {
    auto tree = version_one();
    if (!tree)
        if (auto found = cgroup_tree::find())
            tree = std::move(*found);
    if (!tree)
        SKIP("no group can be made here");
    auto group = tree->make(group_name());
    REQUIRE(group);
    REQUIRE(::mkdir((group->path() + "/.hidden").c_str(), 0755) == 0);
    REQUIRE(::mkdir((group->path() + "/.hidden/..inner").c_str(), 0755) == 0);
    auto child = sleeping_child();
    auto inner = cgroup::open_made(group->path() + "/.hidden/..inner");
    REQUIRE(inner);
    REQUIRE(inner->write("cgroup.procs", std::to_string(child)));
    CHECK(group->count() == 1);
    CHECK(group->kill());
    CHECK(::waitpid(child, nullptr, 0) == child);
    auto removed = group->remove();
    REQUIRE(removed);
    CHECK(*removed == 3);
    tree->tidy();
}
