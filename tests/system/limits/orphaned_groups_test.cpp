// SPDX-License-Identifier: MIT
// Groups that no journal knows.
#include "system/limits/orphaned_groups.hpp"
#include "system/process/local_machine.hpp"
#include "system/random_identifier.hpp"
#include "tests/support/outer_limit.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/system/limits/any_tree.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gestvenv;
using test::any_tree;

namespace {

bool is_found(const cgroup_tree& tree, const std::string& path) {
    auto found = orphaned_groups(tree.parent(), 10000);
    return std::any_of(found.begin(), found.end(), [&](const auto& item) { return item.path == path; });
}

// The age of a group is its file system's affair: nothing but time makes one older.
void grow_old() {
    ::poll(nullptr, 0, static_cast<int>(2100 * least_age_of_orphans.count()));
}

} // namespace

TEST_CASE("a group is found when no process holds it any more, and it is not about to be held") {
    auto tree = any_tree();
    if (!tree)
        SKIP("no group can be made here");
    auto held = make_held(*tree, cgroup_name(random_identifier()));
    REQUIRE(held);
    auto path = held->path();
    auto whole = tree->make("gestvenv-" + random_identifier());
    auto other = tree->make("gestvenv-test-" + std::to_string(::getpid()));
    REQUIRE((whole && other));
    CHECK_FALSE(is_found(*tree, whole->path())); // too young
    grow_old();
    CHECK_FALSE(is_found(*tree, path));
    CHECK(is_found(*tree, whole->path()));
    CHECK_FALSE(is_found(*tree, other->path())); // not an environment's
    // A child with its descriptor uses it, and does not hold it.
    auto child = ::fork();
    if (child == 0) {
        use_without_holding(*held);
        bool used = !held->read("cgroup.procs").empty() || held->count() == 0;
        ::_exit(used && !is_found(*tree, path) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    auto user = ::fork();
    if (user == 0) {
        use_without_holding(*held);
        for (;;)
            ::pause();
    }
    *held = {}; // as when its launcher dies
    bool found = false;
    for (int i = 0; i < 2000 && !found; ++i) { // the child is as quick as it is
        found = is_found(*tree, path);
        if (!found)
            ::poll(nullptr, 0, 5);
    }
    CHECK(found);
    ::kill(user, SIGKILL);
    ::waitpid(user, nullptr, 0);
    CHECK(cgroup::open_ours(path)->remove());
    CHECK(whole->remove());
    CHECK(other->remove());
    tree->tidy();
}

TEST_CASE("a launcher that makes no group removes an empty parent that an earlier one has left") {
    test::outer_limit around; // below it are no groups of other tests
    auto tree = cgroup_tree::find_version_one("pids");
    if (!tree)
        tree = cgroup_tree::find();
    REQUIRE(tree);
    REQUIRE(::mkdir(tree->parent().c_str(), 0755) == 0);
    test::temporary_folder folder;
    launcher_start_options options;
    options.program = test::built_launcher;
    options.attach_root = (folder.path() / "attach").string();
    options.trials = (folder.path() / "trials").string();
    for (int i = 0; i < 2; ++i) { // the second one knows what groups can do here, and makes none to see
        REQUIRE(local_machine::start(options, [] {}));
        CHECK_FALSE(std::filesystem::exists(tree->parent()));
        (void)::mkdir(tree->parent().c_str(), 0755);
    }
    ::rmdir(tree->parent().c_str());
}
