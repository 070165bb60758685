// SPDX-License-Identifier: MIT
// A reaper that takes over a journal with an entry of a kind that this version does not know.
#include "tests/actors/runtime_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

auto kinds_left(runtime_fixture& f) {
    auto left = f.records->unfinished();
    REQUIRE(left);
    std::set<std::string> kinds;
    for (const auto& item : *left)
        kinds.insert(item.kind);
    return kinds;
}

} // namespace

TEST_CASE("a reaper undoes nothing of an environment with a resource of an unknown kind, and reports it") {
    runtime_fixture f;
    auto made = f.create();
    REQUIRE(made);
    const resource_record of_later{"container", {{"name", "one"}}};
    REQUIRE(f.records->intend(made->id, std::span{&of_later, 1}));
    caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->reaper()), caf::exit_reason::kill);
    f.system.run();
    f.system.advance(5s); // its successor reads the journal
    SECTION("with the launcher that made the rest") {}
    SECTION("with another launcher") {
        f.machine.lost = true;
        caf_compat::send_anonymously(f.supervisor, launcher_lost_atom_v);
        f.system.run();
        f.system.advance(2s);
        REQUIRE(std::count(f.machine.log.begin(), f.machine.log.end(), "restart") == 1);
    }
    auto receipt = f.ask<teardown_receipt>(destroy_atom_v, made->id, cleanup_reason::requested, true);
    REQUIRE(receipt);
    REQUIRE(receipt->residue.size() == 1);
    CHECK(receipt->residue.front().kind == "container");
    CHECK(receipt->residue.front().why.find("does not know kind container") != std::string::npos);
    CHECK(f.machine.living.contains(made->id));
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "end") == 0);
    CHECK(std::count(f.machine.log.begin(), f.machine.log.end(), "undo") == 0);
    CHECK(kinds_left(f).size() == 2);
    auto other = f.create(); // others are not affected
    REQUIRE(other);
    CHECK(f.ask<teardown_receipt>(destroy_atom_v, other->id, cleanup_reason::requested, true)->clean());
}
