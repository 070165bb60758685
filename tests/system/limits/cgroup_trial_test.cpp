// SPDX-License-Identifier: MIT
// What a program leaves that dies while it tries whether groups can be made.
#include "system/limits/cgroup_trial.hpp"
#include "tests/system/limits/any_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <unistd.h>

using namespace gestvenv;
using test::any_tree;

TEST_CASE("a group that was made for a trial goes with the next trial, once its maker is gone") {
    auto tree = any_tree();
    if (!tree)
        SKIP("no group can be made here");
    auto made = make_cgroup_trial(*tree);
    REQUIRE(made);
    auto path = made->path();
    remove_orphaned_trials(tree->parent());
    CHECK(std::filesystem::exists(path));
    *made = {}; // as when its maker dies: the group stays, the lock goes
    CHECK(std::filesystem::exists(path));
    remove_orphaned_trials(tree->parent());
    CHECK_FALSE(std::filesystem::exists(path));
    tree->tidy();
}

TEST_CASE("groups with other names are not taken for trials") {
    auto tree = any_tree();
    if (!tree)
        SKIP("no group can be made here");
    auto made = tree->make("gestvenv-test-" + std::to_string(::getpid()));
    REQUIRE(made);
    remove_orphaned_trials(tree->parent());
    CHECK(std::filesystem::exists(made->path()));
    CHECK(made->remove());
    tree->tidy();
}
