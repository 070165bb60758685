// SPDX-License-Identifier: MIT
#include "actors/supervisor.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <caf/exit_reason.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::at_most;
using test::command;
using test::runtime_fixture;

namespace {

const error broken{error_code::system_failure, "broken on purpose", {}, {}};
const std::vector<residue> something_left{{"cgroup", "/somewhere", "busy"}};

} // namespace

TEST_CASE("an environment whose actor dies is torn down, and its reservation comes back only with a clean "
          "receipt") {
    runtime_fixture f{at_most(1)};
    auto info = f.create();
    REQUIRE(info);
    // The first two attempts leave something behind.
    f.machine.residues = {something_left, something_left};
    auto kill = GENERATE(true, false);
    auto actor = *f.ask<environment_actor>(child_atom_v, info->id);
    if (kill)
        caf::anon_send_exit(actor, caf::exit_reason::kill);
    else
        caf_compat::send_anonymously(actor,
                                     continuation::of([] { throw std::runtime_error{"thrown on purpose"}; }));
    actor = environment_actor{};
    f.system.run();
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "end") == 1);
    auto refused = f.create();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::resources_exhausted);
    f.system.advance(500ms);
    CHECK_FALSE(f.create());
    f.system.advance(1000ms);
    CHECK(f.machine.living.empty());
    CHECK(f.create());
}

TEST_CASE("destroying answers with the receipt, and what cannot be removed is in it") {
    runtime_fixture f;
    auto info = f.create({.name = "one"});
    auto clean =
        f.ask<teardown_receipt>(destroy_atom_v, std::string{"one"}, cleanup_reason::requested, false);
    REQUIRE(clean);
    CHECK(clean->clean());
    CHECK(clean->environment_id == info->id);
    CHECK(clean->reason == cleanup_reason::requested);
    CHECK(f.list().empty());
    REQUIRE(f.create({.name = "two"}));
    f.machine.residues = {something_left};
    auto dirty =
        f.ask<teardown_receipt>(destroy_atom_v, std::string{"two"}, cleanup_reason::requested, false);
    REQUIRE(dirty);
    CHECK(dirty->residue == something_left);
}

TEST_CASE("a busy environment is not destroyed without force, and its command goes on") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    REQUIRE(f.create({.name = "busy"}));
    auto result =
        f.begin<operation_result>(execute_atom_v, std::string{"busy"}, command(), output_receiver{});
    f.system.run();
    CHECK(f.ask<environment_info>(find_atom_v, std::string{"busy"})->status == environment_status::running);
    auto refused =
        f.ask<teardown_receipt>(destroy_atom_v, std::string{"busy"}, cleanup_reason::requested, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::environment_busy);
    CHECK_FALSE(result->has_value());
    auto forced =
        f.ask<teardown_receipt>(destroy_atom_v, std::string{"busy"}, cleanup_reason::requested, true);
    CHECK(forced);
    REQUIRE(result->has_value());
    REQUIRE_FALSE(**result);
    CHECK((**result).error().code == error_code::environment_gone);
}

TEST_CASE("two who destroy the same environment get the same receipt") {
    runtime_fixture f;
    auto info = f.create();
    auto first = f.begin<teardown_receipt>(destroy_atom_v, info->id, cleanup_reason::requested, true);
    auto second = f.begin<teardown_receipt>(destroy_atom_v, info->id, cleanup_reason::ttl_expired, true);
    f.system.run();
    REQUIRE((first->has_value() && second->has_value()));
    REQUIRE((**first && **second));
    CHECK(***first == ***second);
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "end") == 1);
}

TEST_CASE("a command that outlives its timeout is killed and says so") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create();
    auto spec = command();
    spec.timeout = 1500ms;
    auto result = f.begin<operation_result>(execute_atom_v, info->id, spec, output_receiver{});
    f.system.run();
    f.system.advance(1499ms);
    CHECK_FALSE(result->has_value());
    f.system.advance(1ms);
    REQUIRE(result->has_value());
    REQUIRE(**result);
    CHECK((**result)->timed_out);
    CHECK(f.machine.log.back() == "ask and kill 1");
}

TEST_CASE("a command that ends in time is not touched when its timeout passes") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create();
    auto spec = command();
    spec.timeout = 1500ms;
    auto result = f.begin<operation_result>(execute_atom_v, info->id, spec, output_receiver{});
    f.system.run();
    f.machine.finish(1, operation_result{});
    f.system.run();
    REQUIRE(result->has_value());
    CHECK_FALSE((**result)->timed_out);
    f.system.advance(10s);
    CHECK(std::find(f.machine.log.begin(), f.machine.log.end(), "ask and kill 1") == f.machine.log.end());
}

TEST_CASE("several commands run in one environment at once, behind one keeper") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create();
    std::vector<test::answer_slot<operation_result>> slots;
    for (int i = 0; i < 5; ++i)
        slots.push_back(f.begin<operation_result>(execute_atom_v, info->id, command(), output_receiver{}));
    f.system.run();
    CHECK(f.machine.running.size() == 5);
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "keeper") == 1);
    f.machine.finish(4, operation_result{});
    f.system.run();
    CHECK(slots[3]->has_value());
    CHECK_FALSE(slots[0]->has_value());
}

TEST_CASE("an environment whose keeper is gone is ended as failed") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create();
    auto result = f.begin<operation_result>(execute_atom_v, info->id, command(), output_receiver{});
    f.system.run();
    f.machine.finish(1, failure(error_code::environment_gone, "the keeper was killed"));
    f.system.run();
    REQUIRE(result->has_value());
    CHECK((**result).error().code == error_code::environment_gone);
    f.system.advance(1s);
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
}

TEST_CASE("an environment ends when its time to live has passed") {
    runtime_fixture f;
    environment_spec spec;
    spec.ttl = 600s;
    REQUIRE(f.create(spec));
    f.system.advance(599s);
    CHECK(f.list().size() == 1);
    f.system.advance(2s);
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
}

TEST_CASE("an idle environment ends, one with a running command is not idle") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create(); // no ttl of its own: idle after 300 s
    auto result = f.begin<operation_result>(execute_atom_v, info->id, command(), output_receiver{});
    f.system.run();
    for (int i = 0; i < 10; ++i)
        f.system.advance(100s);
    CHECK(f.list().size() == 1);
    f.machine.finish(1, operation_result{});
    f.system.run();
    f.system.advance(299s);
    CHECK(f.list().size() == 1);
    f.system.advance(2s);
    CHECK(f.list().empty());
}

TEST_CASE("an environment with a time to live has no idle limit of its own") {
    runtime_fixture f;
    environment_spec spec;
    spec.ttl = 3000s;
    REQUIRE(f.create(spec));
    f.system.advance(2000s);
    CHECK(f.list().size() == 1);
}

TEST_CASE("the loss of the launcher ends every environment and a new launcher takes over") {
    runtime_fixture f;
    REQUIRE(f.create());
    f.machine.lost = true;
    caf_compat::send_anonymously(f.supervisor, launcher_lost_atom_v);
    f.system.run();
    CHECK(f.list().empty());
    CHECK(f.machine.living.empty());
    // Through the new launcher by path: the old one's table is gone.
    CHECK(f.machine.log == std::vector<std::string>{"create", "restart", "undo"});
    CHECK(f.create());
}

TEST_CASE("a launcher that keeps dying ends the runtime in order, one that dies now and then does not") {
    runtime_fixture f;
    auto lose = [&f] {
        f.machine.lost = true;
        caf_compat::send_anonymously(f.supervisor, launcher_lost_atom_v);
        f.system.run();
    };
    constexpr auto most = supervisor_state::most_launcher_restarts;
    for (std::size_t i = 0; i < 3 * most; ++i) {
        REQUIRE(f.create());
        lose();
        f.system.advance(supervisor_state::launcher_restart_period / most);
    }
    REQUIRE(f.create());
    for (std::size_t i = 0; i < most; ++i)
        lose();
    auto refused = f.create();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::shutting_down);
    CHECK(f.machine.living.empty());
    auto restarts = [&f] { return std::count(f.machine.log.begin(), f.machine.log.end(), "restart"); };
    const auto before = restarts();
    lose(); // and no launcher is started for nothing
    CHECK(restarts() == before);
}

TEST_CASE("a shutdown ends everything and takes nothing new") {
    runtime_fixture f;
    for (int i = 0; i < 3; ++i)
        REQUIRE(f.create());
    auto receipts = f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
    REQUIRE(receipts);
    CHECK(receipts->size() == 3);
    CHECK(f.machine.living.empty());
    auto refused = f.create();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::shutting_down);
}

TEST_CASE("a shutdown tries once more what could not be removed before") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    f.machine.residues = {{{"folder", "/somewhere", "it is busy"}}};
    auto stuck = f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    REQUIRE(stuck);
    CHECK_FALSE(stuck->clean());
    auto receipts = f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
    REQUIRE(receipts);
    REQUIRE(receipts->size() == 1);
    CHECK(receipts->front().clean());
    CHECK(f.machine.living.empty());
}

TEST_CASE("a shutdown whose teardowns are never answered names in time what is left") {
    runtime_fixture f;
    auto first = f.create();
    auto second = f.create();
    REQUIRE((first && second));
    f.machine.silent_ends = true;
    auto receipts = f.begin<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested);
    f.system.run();
    CHECK_FALSE(receipts->has_value());
    f.system.advance(deadlines::shutdown - 1s);
    REQUIRE(receipts->has_value());
    REQUIRE(**receipts);
    std::set<std::string> named;
    for (const auto& receipt : ***receipts) {
        CHECK_FALSE(receipt.clean());
        named.insert(receipt.environment_id);
    }
    CHECK(named == std::set{first->id, second->id});
}
