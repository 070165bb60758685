// SPDX-License-Identifier: MIT
// The keeper of an environment, which is started with its first command.
#include "tests/actors/runtime_fixture.hpp"

#include <algorithm>
#include <filesystem>

using namespace gestvenv;
using test::command;
using test::runtime_fixture;

namespace {

outcome<operation_result> execute(runtime_fixture& f, const std::string& id) {
    return f.ask<operation_result>(execute_atom_v, id, command(), output_receiver{});
}

} // namespace

TEST_CASE("a keeper that could not be started is tried again with the next command") {
    runtime_fixture f;
    f.machine.cgroup_parent = "/no/such/group/gestvenv";
    auto made = f.create();
    REQUIRE(made);
    f.machine.fail_keeper = error{error_code::system_failure, "cannot start a process", {}, {}};
    auto refused = execute(f, made->id);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "cannot start a process");
    CHECK(f.ask<environment_info>(find_atom_v, made->id)->status == environment_status::ready);
    f.machine.fail_keeper.reset();
    CHECK(execute(f, made->id));
    CHECK(execute(f, made->id));
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "keeper") == 2);
    CHECK(f.machine.keepers.front().group_name == f.machine.keepers.back().group_name);
}

TEST_CASE("a keeper whose groups another program has is started under another name the next time") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.cgroup_parent = f.folder.path() / "groups";
    f.machine.fail_keeper = error{error_code::name_in_use, "the cgroup exists already", {}, {}};
    CHECK_FALSE(execute(f, made->id));
    // Not before now: it was made between the look and the attempt.
    std::filesystem::create_directories(f.folder.path() / "groups" / f.machine.keepers.front().group_name);
    f.machine.fail_keeper.reset();
    CHECK(execute(f, made->id));
    CHECK(f.machine.keepers.back().group_name == "gestvenv-" + made->id);
}
