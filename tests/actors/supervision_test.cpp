// SPDX-License-Identifier: MIT
// What the runtime does when its own actors end.
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

template <class Handle>
void kill(runtime_fixture& f, const Handle& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    f.system.run();
}

std::vector<crash_report> crashes(runtime_fixture& f) {
    return *f.ask<std::vector<crash_report>>(crash_atom_v);
}

} // namespace

TEST_CASE("every service that is killed is back after its pause, and environments are made again") {
    runtime_fixture f;
    auto living = f.create();
    REQUIRE(living);
    auto which = GENERATE(0, 1, 2, 3);
    switch (which) {
    case 0:
        kill(f, f.shared->reaper());
        break;
    case 1:
        kill(f, f.shared->interpreters());
        break;
    case 2:
        kill(f, f.shared->installer());
        break;
    default:
        kill(f, f.shared->scheduler());
        break;
    }
    f.system.advance(1s);
    REQUIRE(crashes(f).size() == 1);
    auto report = crashes(f).front();
    CHECK(report.child == std::array{"reaper", "interpreters", "installer",
                                     "cleanup_scheduler"}[static_cast<std::size_t>(which)]);
    CHECK(report.decision.find("started again") != std::string::npos);
    CHECK(nlohmann::json::parse(report.specification)["name"] == report.child);
    auto made = f.create();
    REQUIRE(made);
    // There is no installer program here, which only a living service can say.
    install_request request;
    request.packages = {"requests"};
    auto refused = f.ask<install_result>(install_atom_v, made->id, request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::backend_not_found);
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true)->clean());
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, living->id, cleanup_reason::requested, true)->clean());
    CHECK(f.machine.living.empty());
}

TEST_CASE("a new reaper takes over from the journal what the one before had made") {
    runtime_fixture f;
    auto info = f.create({.storage_backend = storage_backend::disk});
    REQUIRE(info);
    kill(f, f.shared->reaper());
    f.system.advance(1s);
    auto receipt = f.ask<teardown_receipt>(destroy_atom_v, info->id, cleanup_reason::requested, true);
    REQUIRE(receipt);
    CHECK(receipt->clean());
    CHECK(f.machine.living.empty());
}

TEST_CASE("a teardown that a dying reaper left is taken up by its successor, and its callers are answered") {
    runtime_fixture f;
    auto info = f.create();
    REQUIRE(info);
    kill(f, f.shared->reaper());
    auto receipt = f.begin<teardown_receipt>(destroy_atom_v, info->id, cleanup_reason::requested, true);
    f.system.run();
    CHECK_FALSE(receipt->has_value());
    f.system.advance(1s);
    REQUIRE(receipt->has_value());
    CHECK((*receipt)->value().clean());
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
}

TEST_CASE("a creation under way when the reaper dies fails, leaves nothing, and says why") {
    runtime_fixture f;
    f.machine.hold_creations = true;
    auto slot = f.begin_creation();
    f.system.run();
    kill(f, f.shared->reaper());
    f.system.advance(1s);
    f.machine.hold_creations = false;
    for (auto& make : std::exchange(f.machine.held_creations, {}))
        make();
    f.system.run();
    REQUIRE(slot->has_value());
    REQUIRE_FALSE(slot->value());
    CHECK(slot->value().error().message.find("reaper") != std::string::npos);
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
}

TEST_CASE("what an actor has had made for itself ends with it") {
    runtime_fixture f;
    storage_request scratch;
    scratch.environment_id = random_identifier();
    scratch.name = "probe";
    scratch.scratch = true;
    auto prober = (*f.system).spawn([scratch, reaper = f.shared->reaper()](caf::event_based_actor* self) {
        caf_compat::request(self, reaper, 1s, intend_atom_v, scratch).then([] {}, [](const caf::error&) {});
        caf_compat::send_anonymously(reaper, acquire_atom_v, scratch,
                                     storage_receiver{[](const outcome<storage_made>&) {}});
        return caf::behavior{[](tick_atom) {}};
    });
    f.system.run();
    REQUIRE(f.machine.living.size() == 1);
    SECTION("when it is killed") {
        kill(f, prober);
    }
    SECTION("when the runtime ends, which it may outlive") {
        auto receipts = f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
        REQUIRE(receipts);
        REQUIRE(receipts->size() == 1);
        CHECK(receipts->front().environment_id == scratch.environment_id);
        CHECK(receipts->front().clean());
        kill(f, prober);
    }
    CHECK(f.machine.living.empty());
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "end") == 1);
}

TEST_CASE("deadlines outlive the scheduler that kept them") {
    runtime_fixture f;
    REQUIRE(f.create({.ttl = 30s}));
    kill(f, f.shared->scheduler());
    f.system.advance(1s);
    f.system.advance(30s);
    f.system.advance(1s);
    CHECK(f.list().empty());
}

TEST_CASE(
    "a service that always dies ends the runtime in order: everything torn down, nothing new, no loop") {
    runtime_fixture f;
    REQUIRE(f.create());
    REQUIRE(f.create());
    for (int i = 0; i < 20; ++i) {
        kill(f, f.shared->scheduler());
        f.system.advance(2s);
    }
    CHECK(crashes(f).size() == 6); // five restarts, and the end that was one too many
    CHECK(crashes(f).back().decision.find("given up") != std::string::npos);
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
    auto refused = f.create();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::shutting_down);
}

TEST_CASE("an environment's actor that crashes makes a report with what it was and what happened last") {
    runtime_fixture f;
    environment_spec spec{.name = "mine", .tags = {{"project", "x"}}};
    auto info = f.create(spec);
    REQUIRE(info);
    command_spec command;
    command.arguments = {"true"};
    REQUIRE(f.ask<operation_result>(execute_atom_v, info->id, command, output_receiver{}));
    kill(f, *f.ask<environment_actor>(child_atom_v, info->id));
    REQUIRE(crashes(f).size() == 1);
    auto report = crashes(f).front();
    CHECK(report.child == "environment");
    CHECK(report.environment_id == info->id);
    CHECK(report.environment_name == "mine");
    CHECK(nlohmann::json::parse(report.specification)["tags"]["project"] == "x");
    CHECK(report.decision.find("never started again") != std::string::npos);
    std::vector<event_kind> kinds;
    for (const auto& event : report.last_events)
        kinds.push_back(event.kind);
    CHECK(kinds == std::vector{event_kind::environment_created, event_kind::environment_ready,
                               event_kind::command_started, event_kind::command_ended});
    CHECK(f.list().empty());
}

TEST_CASE("answers that come when their actor is gone are counted") {
    runtime_fixture f;
    f.machine.hold_creations = true;
    auto slot = f.begin_creation();
    f.system.run();
    auto id = std::string{};
    for (const auto& event : f.shared->events->last(10))
        id = event.environment_id;
    CHECK(f.shared->dead->count() == 0);
    // Its teardown finds what was held, which answers an actor that is gone.
    kill(f, *f.ask<environment_actor>(child_atom_v, id));
    CHECK(f.shared->dead->count() == 1);
    CHECK(f.shared->dead->last().back().receiver == "gestvenv.environment");
}

TEST_CASE("the tree names the environments with their state") {
    runtime_fixture f;
    auto info = f.create({.name = "one"});
    REQUIRE(info);
    auto tree = nlohmann::json::parse(*f.ask<std::string>(tree_atom_v));
    REQUIRE(tree["environments"].size() == 1);
    CHECK(tree["environments"][0]["name"] == "one");
    CHECK(tree["environments"][0]["id"] == info->id);
    CHECK(tree["environments"][0]["restart"] == "temporary");
    CHECK(tree["environments"][0]["state"] == "running");
}

TEST_CASE(
    "when the supervisor ends, the reaper undoes everything, through a new launcher where there is none") {
    runtime_fixture f;
    REQUIRE(f.create());
    SECTION("and the launcher lives") {}
    SECTION("and the launcher is lost") {
        f.machine.lost = true;
    }
    SECTION("and so is the reaper, whose successor does it") {
        kill(f, f.shared->reaper());
    }
    SECTION("and it fails at first") {
        f.machine.residues = {{{"process", "17", "it lives"}}};
    }
    kill(f, f.supervisor);
    f.system.advance(1s);
    CHECK(f.machine.living.empty());
}
