// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <caf/exit_reason.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::at_most;
using test::runtime_fixture;

namespace {

const error broken{error_code::system_failure, "broken on purpose", {}, {}};

} // namespace

TEST_CASE("a created environment is ready and known by id, by a prefix of it and by name") {
    runtime_fixture f;
    auto info = f.create({.name = "one"});
    REQUIRE(info);
    CHECK(info->status == environment_status::ready);
    CHECK(info->python_version == "3.12.1");
    for (const auto& wanted : {info->id, info->id.substr(0, 6), std::string{"one"}})
        CHECK(f.ask<environment_info>(find_atom_v, wanted)->id == info->id);
    auto unknown = f.ask<environment_info>(find_atom_v, std::string{"two"});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == error_code::environment_not_found);
}

TEST_CASE("an environment without a name gets one, and two never have the same") {
    runtime_fixture f;
    auto first = f.create();
    auto second = f.create();
    REQUIRE((first && second));
    CHECK(first->name != second->name);
    auto taken = f.create({.name = first->name});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == error_code::name_in_use);
    CHECK(f.machine.living.size() == 2);
}

TEST_CASE("a hundred creations at once against a limit of ten make ten, never more") {
    runtime_fixture f{at_most(10)};
    f.machine.hold_creations = true;
    std::vector<test::answer_slot<environment_info>> slots;
    for (int i = 0; i < 100; ++i)
        slots.push_back(f.begin_creation(environment_spec{}));
    f.system.run();
    CHECK(f.machine.held_creations.size() == 10);
    for (auto& make : f.machine.held_creations)
        make();
    f.system.run();
    auto admitted =
        std::count_if(slots.begin(), slots.end(), [](const auto& slot) { return slot->value().has_value(); });
    CHECK(admitted == 10);
    CHECK(f.machine.living.size() == 10);
    for (const auto& slot : slots)
        if (!slot->value())
            CHECK(slot->value().error().code == error_code::resources_exhausted);
}

TEST_CASE("a creation that fails at any step leaves nothing and gives its reservation back") {
    runtime_fixture f{at_most(1)};
    environment_spec spec;
    auto step = GENERATE(0, 1, 2, 3, 4);
    switch (step) {
    case 0:
        spec.python_version = "9.9";
        break;
    case 1:
        f.machine.fail_create = broken;
        break;
    case 2:
        spec.packages = {"requests"};
        f.machine.fail_keeper = broken;
        break;
    case 3:
        spec.packages = {"requests"};
        f.machine.fail_run = broken;
        break;
    default:
        spec.package_backend = backend::poetry; // there is none here
        spec.packages = {"requests"};
        break;
    }
    INFO("step " << step);
    auto refused = f.create(spec);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().message.empty());
    CHECK(f.machine.living.empty());
    CHECK(f.list().empty());
    f.machine.fail_create = f.machine.fail_keeper = f.machine.fail_run = std::nullopt;
    CHECK(f.create());
}

TEST_CASE("an environment that a command follows has its keeper before the command, others have none") {
    runtime_fixture f;
    REQUIRE(f.create({.name = "waiting"}));
    CHECK(f.machine.keepers.empty());
    auto info = f.create({.name = "busy", .command_follows = true});
    f.system.run();
    CHECK(f.machine.keepers.size() == 1);
    REQUIRE(f.ask<operation_result>(execute_atom_v, info->id, command_spec{.arguments = {"true"}},
                                    output_receiver{}));
    CHECK(f.machine.keepers.size() == 1);
}

TEST_CASE("a keeper that cannot be started ahead of its command is asked for again by the command") {
    runtime_fixture f;
    f.machine.fail_keeper = broken;
    auto info = f.create({.name = "busy", .command_follows = true});
    REQUIRE(info);
    f.machine.fail_keeper.reset();
    CHECK(f.ask<operation_result>(execute_atom_v, info->id, command_spec{.arguments = {"true"}},
                                  output_receiver{}));
}

TEST_CASE("bad specifications are refused before anything is made") {
    runtime_fixture f;
    environment_spec spec;
    spec.packages = {GENERATE("--index-url=x", "-r /etc/passwd", "a; rm -rf /", "")};
    auto refused = f.create(spec);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    CHECK(f.machine.log.empty());
}

TEST_CASE("what this version or this machine cannot enforce is refused, never ignored") {
    runtime_fixture f;
    for (auto* place : {&f.machine.limits.memory, &f.machine.limits.cpu, &f.machine.limits.pids})
        *place = {false, {}, "this machine has none"};
    environment_spec spec;
    switch (GENERATE(0, 1, 2, 3, 4, 5)) {
    case 0:
        spec.isolation = isolation_level::container;
        break;
    case 1:
        spec.security = security_mode::sandboxed;
        break;
    case 2:
        spec.resource_limits.network_access = false;
        break;
    case 3:
        spec.resource_limits.max_memory = 512;
        break;
    case 4:
        spec.resource_limits.max_threads = 5;
        break;
    default:
        spec.resource_limits.max_cpu_percent = 50;
        break;
    }
    auto refused = f.create(spec);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::isolation_unavailable);
    CHECK(f.machine.log.empty());
}

TEST_CASE("strict refuses processes that are held together by their parents alone, and nothing else") {
    runtime_fixture f;
    environment_spec spec;
    spec.strict = true;
    for (auto best : {containment::pid_namespace, containment::cgroup}) {
        f.machine.best = best;
        CHECK(f.create(spec));
    }
    f.machine.best = containment::subreaper;
    auto refused = f.create(spec);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::isolation_unavailable);
    CHECK(refused.error().message.find("containment 'subreaper'") != std::string::npos);
    spec.strict = false;
    CHECK(f.create(spec));
}

TEST_CASE("what a specification leaves open is taken from the configuration") {
    runtime_config config;
    config.default_security_mode = security_mode::sandboxed;
    config.storage_backend = storage_backend::disk;
    runtime_fixture f{config};
    auto refused = f.create();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::isolation_unavailable);
    environment_spec spec;
    spec.security = security_mode::permissive;
    auto made = f.create(spec);
    REQUIRE(made);
    CHECK(made->security == security_mode::permissive);
    CHECK(made->storage == storage_backend::disk);
}

TEST_CASE("an environment ended while it is being created is torn down when it is there") {
    runtime_fixture f{at_most(1)};
    f.machine.hold_creations = true;
    auto slot = f.begin_creation(environment_spec{.name = "slow"});
    f.system.run();
    auto receipt =
        f.begin<teardown_receipt>(destroy_atom_v, std::string{"slow"}, cleanup_reason::requested, true);
    f.system.run();
    REQUIRE(slot->has_value());
    CHECK_FALSE(**slot);
    CHECK(receipt->has_value());
    CHECK(f.machine.living.empty());
}
