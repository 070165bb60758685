// SPDX-License-Identifier: MIT
// Deadlines of environments, on a virtual clock.
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::command;
using test::runtime_fixture;

namespace {

// Up to a moment, in small steps, as time passes.
void pass(runtime_fixture& f, std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= 250ms)
        f.system.advance(std::min<std::chrono::milliseconds>(left, 250ms));
}

cleanup_reason last_cause(runtime_fixture& f) {
    cleanup_reason reason{};
    for (const auto& event : f.shared->events->last(1000))
        if (event.kind == event_kind::environment_gone)
            REQUIRE(from_string(event.text, reason));
    return reason;
}

} // namespace

TEST_CASE("a caller that ends an environment which has just ended by itself gets the receipt of its end") {
    runtime_fixture f;
    auto made = f.create({.name = "short", .ttl = 1s});
    REQUIRE(made);
    f.system.advance(2s);
    auto receipt = f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    REQUIRE(receipt);
    CHECK(receipt->reason == cleanup_reason::ttl_expired);
    CHECK(receipt->environment_name == "short");
    auto gone = f.ask<environment_info>(find_atom_v, made->id);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == error_code::environment_not_found);
    CHECK(gone.error().message == "the environment has ended: ttl_expired");
}

TEST_CASE("each deadline is met within a second, and the cause says which") {
    runtime_config config;
    config.force_cleanup_after = 7200s;
    runtime_fixture f{config};
    environment_spec spec;
    auto [set, limit, cause] = GENERATE(
        table<int, std::chrono::seconds, cleanup_reason>({{0, 90s, cleanup_reason::ttl_expired},
                                                          {1, 40s, cleanup_reason::inactive_timeout},
                                                          {2, 7200s, cleanup_reason::force_cleanup_old}}));
    spec.ttl = set == 0 ? limit : unlimited;
    spec.max_idle_time = set == 1 ? limit : unlimited;
    REQUIRE(f.create(spec));
    f.system.advance(limit - 1s);
    pass(f, 750ms);
    CHECK(f.list().size() == 1);
    pass(f, 1250ms);
    CHECK(f.list().empty());
    CHECK(last_cause(f) == cause);
}

TEST_CASE("the idle deadline moves with every activity") {
    runtime_fixture f;
    auto info = f.create({.ttl = unlimited, .max_idle_time = 60s});
    REQUIRE(info);
    for (int i = 0; i < 10; ++i) {
        pass(f, 50s);
        INFO("after " << (i + 1) * 50 << " s");
        REQUIRE(f.list().size() == 1);
        if (i % 2 == 0)
            REQUIRE(f.ask<operation_result>(execute_atom_v, info->id, command(), output_receiver{}));
        else
            REQUIRE(f.ask<void>(touch_atom_v, info->id));
    }
    pass(f, 61s);
    CHECK(f.list().empty());
    CHECK(last_cause(f) == cleanup_reason::inactive_timeout);
}

TEST_CASE("a running command is never idle, however long; its end begins the idle time") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create({.ttl = unlimited, .max_idle_time = 5s});
    REQUIRE(info);
    auto result = f.begin<operation_result>(execute_atom_v, info->id, command(), output_receiver{});
    f.system.run();
    pass(f, 600s);
    CHECK(f.list().size() == 1);
    f.machine.finish(1, operation_result{});
    f.system.run();
    pass(f, 4s);
    CHECK(f.list().size() == 1);
    pass(f, 2s);
    CHECK(f.list().empty());
}

TEST_CASE("a time to live ends an environment in the middle of a command") {
    runtime_fixture f;
    f.machine.hold_commands = true;
    auto info = f.create({.ttl = 10s});
    REQUIRE(info);
    auto result = f.begin<operation_result>(execute_atom_v, info->id, command(), output_receiver{});
    f.system.run();
    pass(f, 11s);
    CHECK(f.list().empty());
    CHECK(last_cause(f) == cleanup_reason::ttl_expired);
    REQUIRE(result->has_value());
    CHECK_FALSE(result->value());
}

TEST_CASE("what a lost deadline should have ended, the sweep ends") {
    runtime_config config;
    config.cleanup_interval = 60s;
    runtime_fixture f{config};
    auto info = f.create({.ttl = 10s});
    REQUIRE(info);
    caf_compat::send_anonymously(f.shared->scheduler(), forget_atom_v, info->id);
    f.system.run();
    pass(f, 50s);
    CHECK(f.list().size() == 1); // the deadline is lost
    pass(f, 11s);
    CHECK(f.list().empty());
}

TEST_CASE("the sweep's interval may be changed while the runtime lives") {
    runtime_config config;
    config.cleanup_interval = 60s;
    runtime_fixture f{config};
    config.cleanup_interval = 5s;
    REQUIRE(f.ask<void>(configure_atom_v, config));
    pass(f, 61s); // the new interval counts from the next sweep
    auto info = f.create({.ttl = 1s});
    REQUIRE(info);
    caf_compat::send_anonymously(f.shared->scheduler(), forget_atom_v, info->id);
    pass(f, 7s);
    CHECK(f.list().empty());
}

TEST_CASE("an unlimited interval means that there is no sweep, until it is changed") {
    runtime_config config;
    config.cleanup_interval = unlimited;
    runtime_fixture f{config};
    auto info = f.create({.ttl = 10s});
    REQUIRE(info);
    caf_compat::send_anonymously(f.shared->scheduler(), forget_atom_v, info->id);
    f.system.advance(24h);
    CHECK(f.list().size() == 1);
    config.cleanup_interval = 5s;
    REQUIRE(f.ask<void>(configure_atom_v, config));
    pass(f, 6s);
    CHECK(f.list().empty());
}

TEST_CASE("a creation that does not come to an end fails at its limit and leaves nothing") {
    runtime_fixture f;
    f.machine.hold_creations = true;
    auto slot = f.begin_creation({.name = "slow"});
    f.system.run();
    f.system.advance(59s);
    CHECK_FALSE(slot->has_value());
    pass(f, 2s);
    REQUIRE(slot->has_value());
    REQUIRE_FALSE(slot->value());
    CHECK(slot->value().error().code == error_code::deadline_exceeded);
    CHECK(slot->value().error().message.find("60 s") != std::string::npos);
    CHECK(f.list().empty());
}

TEST_CASE("an unlimited environment lives until it is destroyed or forced out by its age") {
    runtime_config config;
    config.force_cleanup_after = std::chrono::hours{24};
    runtime_fixture f{config};
    REQUIRE(f.create({.ttl = unlimited, .max_idle_time = unlimited}));
    for (int hour = 0; hour < 23; ++hour)
        f.system.advance(1h);
    CHECK(f.list().size() == 1);
    f.system.advance(1h);
    pass(f, 1s);
    CHECK(f.list().empty());
}
