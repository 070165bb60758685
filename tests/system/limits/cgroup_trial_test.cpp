// SPDX-License-Identifier: MIT
// What a program leaves that dies while it tries whether groups can be made.
#include "system/limits/cgroup_trial.hpp"
#include "system/trial_record.hpp"
#include "tests/support/temporary_folder.hpp"
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

TEST_CASE("a trial's group goes with a start elsewhere, once its maker is gone") {
    auto tree = any_tree();
    if (!tree)
        SKIP("no group can be made here");
    test::temporary_folder place;
    const auto file = (place.path() / "trials").string();
    trial_record killed{file, "there"};
    killed.begin_in(tree->parent());
    auto made = make_cgroup_trial(*tree);
    REQUIRE(made);
    const auto path = made->path();

    trial_record meanwhile{file, "elsewhere"};
    remove_orphaned_trials(meanwhile);
    meanwhile.write();
    CHECK(std::filesystem::exists(path));

    *made = {}; // as when its maker dies
    trial_record next{file, "elsewhere"};
    remove_orphaned_trials(next);
    next.write();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(trial_record{file, "elsewhere"}.unsettled().empty());
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
