// SPDX-License-Identifier: MIT
// Services that do not start: whatever is asked of the runtime meanwhile is answered.
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <string>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

// Above every pause between two starts, and every deadline of a step.
void let_it_give_up(runtime_fixture& f) {
    for (int i = 0; i < 300; ++i)
        f.system.advance(1s);
}

} // namespace

TEST_CASE("whatever is asked while a service has not started yet is answered, and works once it has") {
    auto service =
        GENERATE(as<std::string>{}, "reaper", "interpreters", "installer", "cleanup_scheduler", "monitor");
    CAPTURE(service);
    runtime_fixture f{{}, {service}};
    auto creation = f.begin_creation({.storage_backend = storage_backend::disk});
    auto usage = f.begin<resource_usage>(usage_atom_v);
    f.system.run();
    REQUIRE(usage->has_value());
    CHECK((*usage)->has_value() == (service != "monitor"));
    f.absent.clear();
    f.system.advance(1s);
    let_it_give_up(f);
    REQUIRE(creation->has_value());
    auto made = f.create();
    REQUIRE(made);
    CHECK(f.ask<resource_usage>(usage_atom_v));
    install_request request;
    request.packages = {"requests"};
    auto refused = f.ask<install_result>(install_atom_v, made->id, request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::backend_not_found);
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true)->clean());
    CHECK(f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested));
    CHECK(f.machine.living.empty());
}

TEST_CASE(
    "a creation that finds no reaper fails as soon as there is one, and does not wait for its deadline") {
    runtime_fixture f{{}, {"reaper"}};
    auto creation = f.begin_creation({.storage_backend = storage_backend::disk});
    f.system.run();
    f.absent.clear();
    for (int i = 0; i < 5; ++i)
        f.system.advance(1s);
    REQUIRE(creation->has_value());
    REQUIRE_FALSE((*creation)->has_value());
    CHECK((*creation)->error().code == error_code::actor_crashed);
}

TEST_CASE("a service that never starts ends the runtime, and each question before that has its answer") {
    auto service =
        GENERATE(as<std::string>{}, "reaper", "interpreters", "installer", "cleanup_scheduler", "monitor");
    CAPTURE(service);
    runtime_fixture f{{}, {service}};
    auto creation = f.begin_creation({.storage_backend = storage_backend::disk});
    f.system.run();
    let_it_give_up(f);
    REQUIRE(creation->has_value());
    if (service == "reaper")
        CHECK_FALSE((*creation)->has_value());
    auto late = f.create();
    REQUIRE_FALSE(late);
    CHECK(late.error().code == error_code::shutting_down);
    auto receipts = f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
    REQUIRE(receipts);
    if (service != "reaper")
        CHECK(f.machine.living.empty());
    for (const auto& receipt : *receipts)
        CHECK(receipt.clean() == (service != "reaper"));
}

TEST_CASE("a teardown that waits for another reaper is answered when there will be none") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.hold_commands = true;
    command_spec command;
    command.text = "sleep 1000";
    auto running = f.begin<operation_result>(execute_atom_v, made->id, command, output_receiver{});
    f.system.run();
    f.absent = {"reaper"};
    caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->reaper()), caf::exit_reason::kill);
    f.system.run();
    auto receipt = f.begin<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    f.system.run();
    REQUIRE_FALSE(receipt->has_value());
    auto is_over = [&f] {
        auto events = f.shared->events->last(100);
        return std::any_of(events.begin(), events.end(),
                           [](const auto& event) { return event.kind == event_kind::runtime_ending; });
    };
    for (int i = 0; i < 300 && !is_over(); ++i)
        f.system.advance(100ms);
    REQUIRE(is_over());
    f.system.run();
    REQUIRE(receipt->has_value());
    REQUIRE((*receipt)->has_value());
    REQUIRE((*receipt)->value().residue.size() == 1);
    CHECK((*receipt)->value().residue.front().why.find("not there") != std::string::npos);
    INFO("its command would be heard of no more");
    REQUIRE(running->has_value());
    REQUIRE_FALSE((*running)->has_value());
    CHECK((*running)->error().code == error_code::environment_gone);
}

TEST_CASE("a runtime whose services have not started ends at once when it is asked to") {
    runtime_fixture f{{}, {"reaper", "interpreters", "installer", "cleanup_scheduler", "monitor"}};
    auto receipts = f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
    REQUIRE(receipts);
    CHECK(receipts->empty());
}

TEST_CASE("what is sent to a service that is not there is refused with a word about it") {
    runtime_fixture f{{}, {"monitor"}};
    auto refused = f.ask<resource_usage>(usage_atom_v);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::actor_crashed);
    CHECK(refused.error().message.find("not there") != std::string::npos);
}
