// SPDX-License-Identifier: MIT
#include "tests/actors/runtime_fixture.hpp"

#include <algorithm>
#include <filesystem>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

environment_spec limited() {
    environment_spec spec;
    spec.resource_limits.max_memory = 100;
    spec.resource_limits.max_disk = 30;
    return spec;
}

command_spec a_command() {
    command_spec command;
    command.text = "true";
    return command;
}

outcome<operation_result> run(runtime_fixture& f, const std::string& id) {
    return f.ask<operation_result>(execute_atom_v, id, a_command(), output_receiver{});
}

} // namespace

TEST_CASE("memory is limited to what admission has reserved: files in RAM count, files on disk do not") {
    runtime_fixture f;
    auto spec = limited();
    auto in_memory = f.create(spec);
    REQUIRE(in_memory);
    REQUIRE(run(f, in_memory->id));
    CHECK(f.machine.keepers.back().limits.max_memory == megabytes{130});
    spec.storage_backend = storage_backend::disk;
    auto on_disk = f.create(spec);
    REQUIRE(on_disk);
    REQUIRE(run(f, on_disk->id));
    CHECK(f.machine.keepers.back().limits.max_memory == megabytes{100});
    CHECK(on_disk->resource_limits.max_memory == megabytes{100});
}

TEST_CASE("an environment's cgroups have the documented name, or its whole id where that one is taken") {
    runtime_fixture f;
    f.machine.cgroup_parent = f.folder.path() / "groups";
    const std::string id = "0badcafe-1111-4222-8333-444455556666";
    SECTION("free") {
        REQUIRE(f.ask<environment_info>(create_atom_v, id, environment_spec{}));
        REQUIRE(run(f, id));
        CHECK(f.machine.keepers.back().group_name == "gestvenv-0badcafe");
    }
    SECTION("taken") {
        std::filesystem::create_directories(f.folder.path() / "groups/gestvenv-0badcafe");
        REQUIRE(f.ask<environment_info>(create_atom_v, id, environment_spec{}));
        REQUIRE(run(f, id));
        CHECK(f.machine.keepers.back().group_name == "gestvenv-" + id);
    }
}

TEST_CASE("groups that turn out to be another program's are not undone as ours") {
    runtime_fixture f;
    f.machine.cgroup_parent = "/groups";
    f.machine.fail_keeper = error{error_code::name_in_use, "the cgroup exists already", {}, {}};
    auto made = f.create();
    REQUIRE(made);
    CHECK_FALSE(run(f, made->id));
    // Without the launcher everything is undone by path.
    f.machine.lost = true;
    caf_compat::send_anonymously(f.supervisor, launcher_lost_atom_v);
    f.system.run();
    REQUIRE(std::find(f.machine.log.begin(), f.machine.log.end(), "undo") != f.machine.log.end());
    CHECK(f.machine.undone_groups.empty());
}

TEST_CASE("an environment whose keeper ended for want of memory is gone for that reason") {
    runtime_fixture f;
    f.machine.out_of_memory = true;
    f.machine.fail_run = error{error_code::environment_gone, "the keeper has ended", {}, {}};
    auto made = f.create();
    REQUIRE(made);
    CHECK_FALSE(run(f, made->id));
    f.system.advance(1s);
    auto events = f.shared->events->last(1, made->id);
    REQUIRE(events.size() == 1);
    CHECK(events.front().kind == event_kind::environment_gone);
    CHECK(events.front().text == "out_of_memory");
}
