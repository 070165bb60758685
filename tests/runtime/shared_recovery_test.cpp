// SPDX-License-Identifier: MIT
// Two programs that finish what a third has left, without its journal: each holds a part of it.
#include "runtime/orphan_recovery.hpp"
#include "system/journal/journal.hpp"
#include "system/limits/cgroup_tree.hpp"
#include "system/limits/orphaned_groups.hpp"
#include "system/process/local_machine.hpp"
#include "system/random_identifier.hpp"
#include "system/storage/orphaned_folders.hpp"
#include "system/storage/owner_marker.hpp"
#include "tests/runtime/dead_runtime.hpp"
#include "tests/support/fault_hook.hpp"
#include "tests/support/places.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

descriptor open_folder(const std::string& path) {
    descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    REQUIRE(folder);
    return folder;
}

// As another program does that is just finishing it.
descriptor held(const std::string& path) {
    auto folder = open_folder(path);
    REQUIRE(::flock(folder.get(), LOCK_EX | LOCK_NB) == 0);
    return folder;
}

// An environment's storage folder and a group in each hierarchy, as a launcher that was killed leaves them.
class left_behind {
public:
    left_behind() {
        add_tree(cgroup_tree::find());
        for (const char* controller : {"memory", "pids", "cpu", "freezer"})
            add_tree(cgroup_tree::find_version_one(controller));
        if (places.group_parents.empty())
            SKIP("no group can be made here");
        std::filesystem::create_directory(root());
        ::chmod(root().c_str(), 0700);
        std::filesystem::create_directory(folder());
        REQUIRE(write_owner_marker(open_folder(folder()), "another runtime"));
        places.state_root = place.path() / "state";
        std::filesystem::create_directory(places.state_root);
        places.storage_roots = {root()};
        launcher_start_options options;
        options.program = test::built_launcher;
        options.attach_root = (place.path() / "attach").string();
        auto started = local_machine::start(options, [] {});
        REQUIRE(started);
        host = std::move(*started);
    }
    left_behind(const left_behind&) = delete;
    left_behind& operator=(const left_behind&) = delete;
    ~left_behind() {
        for (const auto& group : groups)
            ::rmdir(group.c_str());
        for (const auto& parent : places.group_parents)
            ::rmdir(parent.c_str());
        for (const auto& group : apart_)
            ::rmdir(group.c_str());
        for (const auto& tree : trees_)
            tree.tidy();
    }

    std::string root() const { return (place.path() / "storage").string(); }
    std::string folder() const { return root() + "/" + id; }
    bool any_group() const {
        return std::any_of(groups.begin(), groups.end(),
                           [](const auto& group) { return std::filesystem::exists(group); });
    }

    std::vector<teardown_receipt> recover() {
        return recover_orphans(*host, places, {[](std::string_view) {}, [](std::string_view) {}});
    }

    // The age of a group is its file system's affair: nothing but time makes one older.
    static void grow_old() { ::poll(nullptr, 0, static_cast<int>(1100 * least_age_of_orphans.count())); }

    test::temporary_folder place;
    std::string id = random_identifier();
    /// In the order in which they are looked at.
    std::vector<std::string> groups;
    recovery_places places;
    std::unique_ptr<local_machine> host;

private:
    // In a parent of the test's own: no other program finishes what is there.
    void add_tree(outcome<cgroup_tree> tree) {
        auto apart_name = "gestvenv-test-" + std::to_string(::getpid()) + "-" + id.substr(0, 8);
        auto apart = tree ? tree->make(apart_name) : outcome<cgroup>{cgroup{}};
        if (!tree || !apart) // two controllers of one hierarchy
            return;
        places.group_parents.push_back(apart->path() + "/gestvenv");
        groups.push_back(places.group_parents.back() + "/" + cgroup_name(id));
        std::filesystem::create_directories(groups.back());
        (void)open_folder(groups.back()); // its age begins when it is first looked at
        apart_.push_back(apart->path());
        trees_.push_back(std::move(*tree));
    }

    std::vector<std::string> apart_;
    std::vector<cgroup_tree> trees_;
};

} // namespace

TEST_CASE("a receipt does not say that a group is gone which another program holds to the end") {
    left_behind left;
    left.places.patience = 50ms;
    auto other = held(left.groups.back());
    auto receipts = left.recover();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].environment_id == left.id);
    CHECK(receipts[0].residue ==
          std::vector<residue>{{"cgroup", left.groups.back(), "another program holds it"}});
    CHECK(std::filesystem::exists(left.groups.back()));
}

TEST_CASE("a receipt waits until another program has removed what it holds") {
    left_behind left;
    auto other = held(left.groups.back());
    std::promise<void> found;
    test::fault_hook hook{"recovery: has found an orphaned folder", [&found] { found.set_value(); }};
    std::thread remover{[&] {
        found.get_future().wait();
        ::poll(nullptr, 0, 20); // so that one that does not wait is seen not to
        ::rmdir(left.groups.back().c_str());
        other.reset();
    }};
    auto receipts = left.recover();
    const bool any_left = left.any_group();
    remover.join();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].clean());
    CHECK_FALSE(any_left);
}

TEST_CASE("who finds a group alone leaves it to the program that has the folder, and lets go of it") {
    left_behind left;
    left_behind::grow_old();
    auto folder = held(left.folder());
    CHECK(left.recover().empty());
    CHECK(left.any_group());
    for (const auto& group : left.groups)
        CHECK_FALSE(is_held_group(group));
    folder.reset(); // it has died half-way
    auto receipts = left.recover();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].environment_id == left.id);
    CHECK(receipts[0].clean());
    CHECK_FALSE(left.any_group());
    CHECK_FALSE(std::filesystem::exists(left.folder()));
}

TEST_CASE("a folder that is not marked yet goes with its groups") {
    left_behind left;
    std::filesystem::remove(left.folder() + "/" + owner_marker_name);
    left_behind::grow_old();
    auto receipts = left.recover();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].environment_id == left.id);
    CHECK(receipts[0].clean());
    CHECK_FALSE(left.any_group());
    CHECK_FALSE(std::filesystem::exists(left.folder()));
}

TEST_CASE("groups and folder stay of an environment of which a journal names what is not known here") {
    left_behind left;
    left_behind::grow_old();
    test::dead_runtime newer{left.place};
    REQUIRE(journal::open(newer.state()));
    newer.write_journal("INSERT INTO resources VALUES(4294967297, '" + left.id +
                        "', 'hologram', '{}', '@BOOT@', 0)");
    if (GENERATE(true, false))
        std::filesystem::remove_all(left.folder());
    const bool had_folder = std::filesystem::exists(left.folder());
    auto receipts = left.recover();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].environment_id == left.id);
    REQUIRE(receipts[0].residue.size() == 1);
    CHECK(receipts[0].residue[0].kind == "hologram");
    for (const auto& group : left.groups) {
        CHECK(std::filesystem::exists(group));
        CHECK_FALSE(is_held_group(group));
    }
    CHECK(std::filesystem::exists(left.folder()) == had_folder);
}

TEST_CASE("groups without a folder are finished together, by who has the first of them") {
    left_behind left;
    if (left.groups.size() < 2)
        SKIP("there is one hierarchy alone");
    std::filesystem::remove_all(left.folder());
    left_behind::grow_old();
    {
        auto first = held(left.groups.front());
        CHECK(left.recover().empty());
        CHECK(std::filesystem::exists(left.groups.back()));
    }
    {
        left.places.patience = 50ms;
        auto last = held(left.groups.back());
        auto receipts = left.recover();
        REQUIRE(receipts.size() == 1);
        CHECK_FALSE(receipts[0].clean());
    }
    auto receipts = left.recover();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].clean());
    CHECK_FALSE(left.any_group());
}
