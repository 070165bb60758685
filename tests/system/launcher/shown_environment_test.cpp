// SPDX-License-Identifier: MIT
// A program that is killed may not have noted yet which process the keeper is that it has just had started.
#include "system/launcher/shown_environment.hpp"
#include "tests/support/machine_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>

using namespace gestvenv;
using namespace gestvenv::test;

TEST_CASE("a stopped keeper whose number was not noted is ended by its environment's id, and no other is") {
    machine_fixture f{each_containment()};
    const auto other = f.make_another();
    REQUIRE(keepers_of(f.id).size() == 1);
    CHECK(keepers_of(f.id).front().pid == f.keeper_started.keeper_pid);
    CHECK(keepers_of(f.id).front().start_time == f.keeper_started.start_time);
    REQUIRE(::kill(static_cast<pid_t>(f.keeper_started.keeper_pid), SIGSTOP) == 0);
    protocol::undo order;
    order.keepers.emplace_back();
    order.environment_id = f.id;
    auto undone = answer<protocol::ended>([&](auto done) { f.machine->undo(order, done); });
    REQUIRE(undone);
    CHECK(undone->residue.empty());
    CHECK(keepers_of(f.id).empty());
    CHECK(keepers_of(other).size() == 1);
}

TEST_CASE("what is no environment's id finds no keeper") {
    machine_fixture f;
    CHECK(keepers_of({}).empty());
    CHECK(keepers_of(f.id.substr(1)).empty());
    CHECK(keepers_of(protocol::no_environment_shown).empty());
}
