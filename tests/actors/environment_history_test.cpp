// SPDX-License-Identifier: MIT
// The life of environments under random interleavings of everything that can happen to them.
#include "actors/environment_lifecycle.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <caf/exit_reason.hpp>

#include <map>
#include <random>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

TEST_CASE(
    "whatever happens in whatever order, every environment is gone at the end and every question answered") {
    auto seed = GENERATE(range(1u, 60u));
    INFO("seed " << seed);
    std::mt19937 random{seed};
    auto pick = [&random](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
    };
    runtime_config config;
    config.max_concurrent = 5;
    runtime_fixture f{config};
    f.machine.hold_commands = true;
    std::vector<std::string> ids;
    std::vector<test::answer_slot<environment_info>> creations;
    std::vector<test::answer_slot<operation_result>> commands;
    std::vector<test::answer_slot<teardown_receipt>> ends;
    const error broken{error_code::system_failure, "broken on purpose", {}, {}};
    auto some_id = [&] { return ids[pick(ids.size())]; };
    for (int step = 0; step < 150; ++step) {
        switch (pick(12)) {
        case 0:
        case 1: {
            environment_spec spec;
            if (pick(2) == 0)
                spec.wait_for_room = std::chrono::seconds{1 + pick(30)};
            if (pick(3) == 0)
                spec.ttl = std::chrono::seconds{1 + pick(20)};
            if (pick(4) == 0)
                spec.packages = {"requests"};
            ids.push_back("environment-" + std::to_string(ids.size()));
            creations.push_back(f.begin<environment_info>(create_atom_v, ids.back(), spec));
            break;
        }
        case 2:
            f.machine.hold_creations = pick(2) == 0;
            for (auto& make : std::exchange(f.machine.held_creations, {}))
                make();
            break;
        case 3:
        case 4:
            if (!ids.empty()) {
                command_spec command;
                command.arguments = {"true"};
                if (pick(2) == 0)
                    command.timeout = 5s;
                commands.push_back(
                    f.begin<operation_result>(execute_atom_v, some_id(), command, output_receiver{}));
            }
            break;
        case 5:
            if (!f.machine.running.empty())
                f.machine.finish(f.machine.running.begin()->first, operation_result{});
            break;
        case 6:
            if (!ids.empty())
                ends.push_back(f.begin<teardown_receipt>(destroy_atom_v, some_id(), cleanup_reason::requested,
                                                         pick(2) == 0));
            break;
        case 7:
            f.machine.fail_create = pick(3) == 0 ? std::optional{broken} : std::nullopt;
            f.machine.fail_keeper = pick(3) == 0 ? std::optional{broken} : std::nullopt;
            break;
        case 8:
            if (pick(3) == 0)
                f.machine.residues.push_back({{"cgroup", "/somewhere", "busy"}});
            break;
        case 9:
            if (!ids.empty() && pick(2) == 0) {
                auto actor = f.ask<environment_actor>(child_atom_v, some_id());
                if (actor)
                    caf::anon_send_exit(*actor, caf::exit_reason::kill);
            }
            break;
        case 10:
            if (!ids.empty())
                caf_compat::send_anonymously(f.supervisor, cancel_atom_v, some_id());
            break;
        default:
            f.system.advance(std::chrono::milliseconds{pick(3000)});
            break;
        }
        if (pick(2) == 0)
            f.system.run();
        REQUIRE(f.machine.living.size() <= 5);
    }
    f.machine.fail_create = f.machine.fail_keeper = std::nullopt;
    f.machine.hold_creations = false;
    for (auto& make : std::exchange(f.machine.held_creations, {}))
        make();
    REQUIRE(f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested));
    // What was left is tried again, with pauses, until it is gone.
    for (int i = 0; i < 20; ++i)
        f.system.advance(61s);
    CHECK(f.machine.living.empty());
    CHECK(f.list().empty());
    auto all_answered = [](const auto& slots) {
        for (const auto& slot : slots)
            if (!slot->has_value())
                return false;
        return true;
    };
    CHECK(all_answered(creations));
    CHECK(all_answered(commands));
    CHECK(all_answered(ends));
    // Each environment went through its life in a legal order.
    std::map<std::string, event_kind> last;
    for (const auto& event : f.shared->events->last(event_log::most_kept)) {
        auto [before, first] = last.try_emplace(event.environment_id, event.kind);
        if (!first && !event.environment_id.empty()) {
            INFO(event.environment_id << ": " << to_string(before->second) << " then "
                                      << to_string(event.kind));
            CHECK(before->second != event_kind::environment_gone);
        }
        before->second = event.kind;
    }
}
