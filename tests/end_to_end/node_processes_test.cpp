// SPDX-License-Identifier: MIT
// The processes of a node's environments, on the command line.
#include "tests/end_to_end/node_scene.hpp"
#include "tests/support/processes.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <poll.h>

#include <chrono>
#include <string>

using namespace gestvenv;
using Catch::Matchers::ContainsSubstring;
using test::node_scene;
using test::unique_number;

namespace {

/// Until `holds`, at most `patience`.
template <class Condition>
bool wait_until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + test::patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= deadline)
            return false;
        ::poll(nullptr, 0, 20);
    }
    return true;
}

} // namespace

TEST_CASE("ephemeral ps lists the processes of an environment, with secrets masked") {
    node_scene place;
    place.create({"busy"});
    CHECK(place.gestvenv({"ephemeral", "ps", "busy"}).out == "no processes\n");
    auto number = unique_number();
    auto running = place.start({"run", "--env", "busy", "--", "sh", "-c",
                                "sleep 1000." + number + " & echo here; wait", "--password", "planted"});
    running.wait_for_lines(1);
    REQUIRE(wait_until([&] { // the first process may not have become `sleep` yet
        return place.gestvenv({"ephemeral", "ps", "busy"}).out.find("  sleep 1000." + number) !=
               std::string::npos;
    }));
    auto table = place.gestvenv({"ephemeral", "ps", "busy"});
    CHECK(table.status == 0);
    CHECK_THAT(table.out, ContainsSubstring("PID") && ContainsSubstring("INSIDE"));
    CHECK_THAT(table.out, ContainsSubstring("--password ****"));
    CHECK_THAT(table.out, !ContainsSubstring("planted"));
    auto all = place.json_of({"ephemeral", "ps", "busy", "--format", "json"});
    CHECK(all["total"] == all["processes"].size());
    auto cut = place.json_of({"ephemeral", "ps", "busy", "--limit", "1", "--format", "json"});
    CHECK(cut["processes"].size() == 1);
    CHECK(cut["total"] == all["total"]);
    // A table cannot hold the number of all.
    CHECK_THAT(place.gestvenv({"ephemeral", "ps", "busy", "--limit", "1"}).err,
               ContainsSubstring("processes are shown: --limit"));
    CHECK(place.gestvenv({"ephemeral", "ps", "busy", "--limit", "0"}).status == 2);
    CHECK(place.gestvenv({"ephemeral", "ps", "missing"}).status == 1);
    CHECK(place.gestvenv({"ephemeral", "cleanup", "busy", "--force"}).status == 0);
}
