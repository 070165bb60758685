// SPDX-License-Identifier: MIT
// What of environments is known from outside their program, and what the next start makes of what is left.
#include "tests/runtime/host.hpp"

#include "system/journal/ended_archive.hpp"
#include "system/journal/journal.hpp"
#include "system/storage/owner_marker.hpp"

#include <gestvenv/known_environments.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <fstream>

using namespace gestvenv;
using namespace std::chrono_literals;

namespace {

known_environments known_in(const test::temporary_folder& folder) {
    return find_known_environments(folder.path() / "state");
}

// A storage folder as a launcher makes it, whose owner is no more.
std::filesystem::path abandon(const test::temporary_folder& folder, const std::string& id) {
    auto path = folder.path() / "storage" / id;
    std::filesystem::create_directories(path / "storage/work");
    std::filesystem::permissions(folder.path() / "storage", std::filesystem::perms{0700});
    std::ofstream{path / "storage/work/file"} << "left";
    descriptor open{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    REQUIRE(write_owner_marker(open, "/no/such/state/folder"));
    return path;
}

} // namespace

TEST_CASE(
    "an environment is known to others while it lives, and how it ended for an hour after its runtime") {
    test::temporary_folder folder;
    std::string id;
    {
        runtime host{test::options_in(folder)};
        environment_spec spec;
        spec.name = "seen";
        auto env = host.create(spec);
        id = env.id();
        env.execute("true");
        auto known = known_in(folder);
        REQUIRE(known.environments.size() == 1);
        const auto& living = known.environments.front();
        CHECK(living.state == known_state::living);
        CHECK(living.id == id);
        CHECK(living.name == "seen");
        REQUIRE(living.info);
        CHECK(living.info->python_version == env.info().python_version);
        CHECK_FALSE(living.holds.empty());
        env.destroy();
        auto ended = known_in(folder).environments;
        REQUIRE(ended.size() == 1);
        CHECK(ended.front().state == known_state::ended);
    }
    auto known = known_in(folder);
    CHECK(known.problems.empty());
    REQUIRE(known.environments.size() == 1);
    const auto& ended = known.environments.front();
    CHECK(ended.state == known_state::ended);
    CHECK(ended.name == "seen");
    CHECK(ended.holds.empty());
    REQUIRE(ended.receipt);
    CHECK(ended.receipt->environment_id == id);
    CHECK(ended.receipt->reason == cleanup_reason::requested);
    CHECK(ended.receipt->clean());
}

TEST_CASE("a storage that no journal knows is removed by any cleanup, and has a receipt") {
    test::temporary_folder folder;
    auto path = abandon(folder, "11111111-2222-4333-8444-555555555555");
    auto options = test::options_in(folder);
    options.recover_orphans = false;
    runtime host{options};
    CHECK(std::filesystem::exists(path));
    auto receipts = host.cleanup_orphans();
    REQUIRE(receipts.size() == 1);
    CHECK(receipts.front().environment_id == path.filename());
    CHECK(receipts.front().reason == cleanup_reason::orphaned);
    CHECK(receipts.front().clean());
    CHECK(receipts.front().files_removed >= 3);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(host.cleanup_orphans().empty());
}

TEST_CASE("the storage of a living runtime is not cleaned up") {
    test::temporary_folder folder;
    auto options = test::options_in(folder);
    runtime host{options};
    environment_spec spec;
    spec.storage_backend = storage_backend::disk;
    auto env = host.create(spec);
    // Another user of the same storage with a state of its own knows nothing of the first's journal.
    options.state_root = folder.path() / "other-state";
    options.recover_orphans = false;
    runtime other{options};
    CHECK(other.cleanup_orphans().empty());
    CHECK(env.execute("python -c 'print(1)'").stdout_text == "1\n");
    CHECK(env.destroy().clean());
}

TEST_CASE("of a damaged journal what can be read is cleaned up, and the rest is set aside under its name") {
    test::temporary_folder folder;
    auto path = abandon(folder, "aaaaaaaa-2222-4333-8444-555555555555");
    auto dead = folder.path() / "state/bbbbbbbb-2222-4333-8444-555555555555";
    std::filesystem::create_directories(dead);
    std::filesystem::permissions(folder.path() / "state", std::filesystem::perms{0700});
    std::ofstream{dead / "lock"};
    std::ofstream{dead / "journal.db"} << "this was a database once";
    auto options = test::options_in(folder);
    options.recover_orphans = false;
    std::string log;
    options.log = [&log](std::string_view text) { log += std::string{text} + "\n"; };
    {
        runtime host{options};
        auto receipts = host.cleanup_orphans();
        CHECK(receipts.size() == 1); // the storage is found without the journal
        CHECK_FALSE(std::filesystem::exists(path));
        CHECK(host.create().destroy().clean());
    }
    INFO(log);
    CHECK(log.find("was damaged") != std::string::npos);
    CHECK(log.find("journal.db.damaged-") != std::string::npos);
    CHECK(std::filesystem::exists(dead)); // with what was set aside in it
}
