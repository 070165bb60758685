// SPDX-License-Identifier: MIT
#include "system/launcher/orphan_hunt.hpp"

#include <catch2/catch_test_macros.hpp>

#include <utility>
#include <vector>

using namespace gestvenv;

namespace {

constexpr found_process orphan{4711, 1, 100};

struct hunt_fixture {
    /// What the next pass sees.
    killing_pass next;
    orphan_hunt hunt{[this] { return next; }};

    void pass(killing_pass seen) {
        next = std::move(seen);
        // The hunt itself says when; its pauses are below a tenth of a second.
        while (hunt.wake_at() && *hunt.wake_at() > orphan_hunt::clock::now())
            ;
        hunt.advance();
    }
};

} // namespace

TEST_CASE("an environment is done when a pass that can have overlooked no process has found none") {
    hunt_fixture f;
    f.hunt.begin("one");
    CHECK_FALSE(f.hunt.done("one"));
    f.pass({{orphan}, true});
    CHECK_FALSE(f.hunt.done("one"));
    f.pass({{}, true});
    CHECK(f.hunt.done("one"));
}

TEST_CASE("an environment is not done as long as a process may have been overlooked") {
    hunt_fixture f;
    f.hunt.begin("one");
    f.pass({{}, false});
    CHECK_FALSE(f.hunt.done("one"));
    f.pass({{orphan}, false});
    f.pass({{}, false});
    CHECK_FALSE(f.hunt.done("one"));
    // And what was seen once is named until it is known to be gone.
    CHECK(f.hunt.give_up("one") == std::vector<pid_t>{orphan.pid});
}

TEST_CASE("what is seen before a keeper is lost is not that keeper's") {
    hunt_fixture f;
    f.hunt.begin("one");
    f.pass({{orphan}, true});
    f.hunt.begin("two");
    f.pass({{orphan}, true});
    CHECK(f.hunt.done("two"));
    CHECK_FALSE(f.hunt.done("one"));
}
