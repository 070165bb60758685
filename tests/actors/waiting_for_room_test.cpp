// SPDX-License-Identifier: MIT
// Creations that wait for room below the limits.
#include "tests/actors/runtime_fixture.hpp"

#include <algorithm>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::at_most;
using test::runtime_fixture;

namespace {

environment_spec patient(std::string name = {}) {
    return {.name = std::move(name), .wait_for_room = 60s};
}

template <class T>
bool answered(const test::answer_slot<T>& slot) {
    return slot->has_value();
}

} // namespace

TEST_CASE("a hundred that wait for room against a limit of ten all get it, never more than ten at a time") {
    runtime_fixture f{at_most(10)};
    std::vector<test::answer_slot<environment_info>> slots;
    for (int i = 0; i < 100; ++i)
        slots.push_back(f.begin_creation(patient()));
    f.system.run();
    for (std::size_t done = 0; done < 100; ++done) {
        CHECK(f.machine.living.size() <= 10);
        // In the order of arrival.
        REQUIRE(answered(slots[done]));
        REQUIRE(slots[done]->value());
        if (done + 10 < 100)
            CHECK_FALSE(answered(slots[done + 10]));
        CHECK(f.ask<teardown_receipt>(destroy_atom_v, slots[done]->value()->id, cleanup_reason::requested,
                                      true));
    }
    CHECK(f.machine.living.empty());
}

TEST_CASE("no creation overtakes those that wait, not even one that would fit") {
    runtime_config config;
    config.max_total_memory_mb = 1000;
    runtime_fixture f{config};
    auto sized = [](int megabytes, bool waits) {
        environment_spec spec;
        spec.resource_limits.max_disk = megabytes;
        if (waits)
            spec.wait_for_room = 60s;
        return spec;
    };
    auto first = f.create(sized(700, false));
    REQUIRE(first);
    auto big = f.begin_creation(sized(700, true));
    f.system.run();
    CHECK_FALSE(answered(big));
    auto small = f.create(sized(100, false));
    REQUIRE_FALSE(small);
    CHECK(small.error().code == error_code::resources_exhausted);
    CHECK(small.error().message.find("wait for room already") != std::string::npos);
    auto patient_small = f.begin_creation(sized(100, true));
    f.system.run();
    CHECK_FALSE(answered(patient_small));
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, first->id, cleanup_reason::requested, true));
    CHECK((answered(big) && big->value()));
    CHECK((answered(patient_small) && patient_small->value()));
}

TEST_CASE("a creation that waits too long is refused, and those behind move up") {
    runtime_fixture f{at_most(1)};
    auto first = f.create();
    REQUIRE(first);
    auto short_wait = f.begin_creation({.name = "hasty", .wait_for_room = 5s});
    auto long_wait = f.begin_creation(patient("patient"));
    f.system.run();
    f.system.advance(6s);
    REQUIRE(answered(short_wait));
    CHECK(short_wait->value().error().code == error_code::resources_exhausted);
    CHECK(short_wait->value().error().environment == "hasty");
    CHECK_FALSE(answered(long_wait));
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, first->id, cleanup_reason::requested, true));
    CHECK((answered(long_wait) && long_wait->value()));
}

TEST_CASE("what can never fit does not wait") {
    runtime_config config;
    config.max_total_memory_mb = 1000;
    runtime_fixture f{config};
    environment_spec spec = patient();
    spec.resource_limits.max_disk = 2000;
    auto refused = f.create(spec);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::resources_exhausted);
    CHECK(refused.error().message.find("1000 MB are all there is") != std::string::npos);
}

TEST_CASE("a creation is taken back while it waits and while it is being made, and leaves nothing") {
    runtime_fixture f{at_most(1)};
    f.machine.hold_creations = true;
    auto making = f.begin<environment_info>(create_atom_v, std::string{"first"}, environment_spec{});
    auto waiting = f.begin<environment_info>(create_atom_v, std::string{"second"}, patient());
    f.system.run();
    caf_compat::send_anonymously(f.supervisor, cancel_atom_v, std::string{"second"});
    f.system.run();
    REQUIRE(answered(waiting));
    CHECK(waiting->value().error().code == error_code::cancelled);
    caf_compat::send_anonymously(f.supervisor, cancel_atom_v, std::string{"first"});
    f.system.run();
    REQUIRE(answered(making));
    CHECK(making->value().error().code == error_code::cancelled);
    for (auto& make : std::exchange(f.machine.held_creations, {}))
        make();
    f.system.run();
    CHECK(f.machine.living.empty());
    f.machine.hold_creations = false;
    CHECK(f.create());
}

TEST_CASE("raising a limit lets those in who wait, lowering it takes nothing away") {
    runtime_fixture f{at_most(1)};
    REQUIRE(f.create());
    auto waiting = f.begin_creation(patient());
    f.system.run();
    CHECK_FALSE(answered(waiting));
    CHECK(f.ask<void>(configure_atom_v, at_most(2)));
    CHECK((answered(waiting) && waiting->value()));
    CHECK(f.ask<void>(configure_atom_v, at_most(1)));
    CHECK(f.machine.living.size() == 2);
    CHECK_FALSE(f.create());
    auto wrong = at_most(0);
    auto refused = f.ask<void>(configure_atom_v, wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
}

TEST_CASE("a name is taken from the moment its creation waits") {
    runtime_fixture f{at_most(1)};
    REQUIRE(f.create());
    auto waiting = f.begin_creation(patient("mine"));
    f.system.run();
    auto second = f.create(patient("mine"));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == error_code::name_in_use);
}

TEST_CASE("a shutdown answers those who wait") {
    runtime_fixture f{at_most(1)};
    REQUIRE(f.create());
    auto waiting = f.begin_creation(patient());
    f.system.run();
    REQUIRE(f.ask<std::vector<teardown_receipt>>(shutdown_atom_v, cleanup_reason::requested));
    REQUIRE(answered(waiting));
    CHECK(waiting->value().error().code == error_code::shutting_down);
}
