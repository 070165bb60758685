// SPDX-License-Identifier: MIT
// A launcher that is lost while something else goes wrong as well.
#include "system/launcher/process_tree.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

const error no_descriptors{error_code::resources_exhausted, "there are no descriptors left", {}, {}};

void lose_launcher(runtime_fixture& f) {
    f.machine.lost = true;
    caf_compat::send_anonymously(f.supervisor, launcher_lost_atom_v);
}

auto restarts(const runtime_fixture& f) {
    return std::count(f.machine.log.begin(), f.machine.log.end(), "restart");
}

// In the steps that the reaper keeps up its journal in, and looks for a launcher.
void pass(runtime_fixture& f, std::chrono::seconds time) {
    for (; time > 0s; time -= 1s)
        f.system.advance(1s);
}

} // namespace

TEST_CASE("a launcher that cannot be started is tried again until it can, and finishes what was left") {
    runtime_fixture f;
    REQUIRE(f.create());
    f.machine.fail_restarts = {no_descriptors, no_descriptors, no_descriptors};
    lose_launcher(f);
    f.system.run();
    CHECK(f.machine.living.size() == 1);
    REQUIRE(f.list().size() == 1); // what is left still takes room
    pass(f, 20s);
    CHECK(restarts(f) == 4);
    CHECK(f.machine.living.empty());
    CHECK(f.list().empty());
    CHECK(f.create());
}

TEST_CASE("a launcher that never starts again is tried less and less often") {
    runtime_fixture f;
    f.machine.fail_restarts.assign(1000, no_descriptors);
    lose_launcher(f);
    pass(f, 10min);
    CHECK(restarts(f) >= 10);
    CHECK(restarts(f) <= 30);
}

TEST_CASE("a launcher that is lost while there is no reaper is replaced by the next one") {
    runtime_fixture f;
    REQUIRE(f.create());
    caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->reaper()), caf::exit_reason::kill);
    f.system.run();
    lose_launcher(f);
    f.system.run();
    CHECK(restarts(f) == 0);
    pass(f, 5s);
    CHECK(restarts(f) == 1);
    CHECK(f.machine.living.empty());
    CHECK(f.list().empty());
    CHECK(f.create());
}

TEST_CASE("a teardown that the launcher dies under goes on through the next one") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.lost = true; // no word of it has come yet
    auto receipt = f.begin<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    pass(f, 2s);
    REQUIRE(receipt->has_value());
    CHECK((*receipt)->value().clean());
    CHECK(f.machine.living.empty());
}

TEST_CASE("a teardown that one launcher after the other dies under is reported, and goes on") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.losing_undos = 1000;
    f.machine.lost = true;
    auto receipt = f.begin<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    for (int second = 0; second < 10 && !receipt->has_value(); ++second) {
        pass(f, 1s);
        if (f.machine.lost)
            lose_launcher(f);
        f.system.run();
    }
    REQUIRE(receipt->has_value());
    REQUIRE((*receipt)->has_value());
    CHECK_FALSE((*receipt)->value().clean());
    f.machine.losing_undos = 0;
    pass(f, 60s);
    CHECK(f.machine.living.empty());
    CHECK(f.list().empty());
}

TEST_CASE(
    "an environment whose keeper is seen to be gone before its launcher is, ends for the launcher's sake") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.lost = true;
    auto receipt = f.begin<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::failed_state, true);
    pass(f, 2s);
    REQUIRE(receipt->has_value());
    CHECK((*receipt)->value().reason == cleanup_reason::launcher_crashed);
}

TEST_CASE(
    "after a lost launcher its keepers are ended too: one that was stopped does not see its launcher die") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    command_spec command;
    command.text = "true";
    REQUIRE(f.ask<operation_result>(execute_atom_v, made->id, command, output_receiver{}));
    SECTION("by the reaper that has started them") {}
    SECTION("by its successor, from the journal") {
        caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->reaper()), caf::exit_reason::kill);
        pass(f, 1s);
    }
    lose_launcher(f);
    pass(f, 2s);
    // Once for each teardown that the loss has interrupted: of how many, the order of messages decides.
    REQUIRE_FALSE(f.machine.undone_keepers.empty());
    for (const auto& keeper : f.machine.undone_keepers) {
        CHECK(keeper.pid == 1);
        CHECK(keeper.start_time == start_time_of(1).value());
    }
}

TEST_CASE("nothing is made through a new launcher for an intent of the one before") {
    runtime_fixture f;
    storage_request request;
    request.environment_id = "11111111-2222-3333-4444-555555555555";
    request.name = "late";
    caf_compat::send_anonymously(f.shared->reaper(), intend_atom_v, request);
    f.system.run();
    lose_launcher(f);
    pass(f, 2s);
    REQUIRE(restarts(f) == 1);
    outcome<storage_made> answer = failure(error{});
    caf_compat::send_anonymously(
        f.shared->reaper(), acquire_atom_v, request,
        storage_receiver{[&](outcome<storage_made> made) { answer = std::move(made); }});
    f.system.run();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == error_code::launcher_crashed);
    CHECK(f.machine.living.empty());
}
