// SPDX-License-Identifier: MIT
// A node and its clients under fault, at every step of the node's own; tools/chaos --node does all with all.
#include "tests/faults/faults_fixture.hpp"
#include "tests/support/places.hpp"
#include "tools/faults/harness/node_rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::faults;

namespace {

class node_fixture {
public:
    node_report run(const node_cycle& what) { return test::checked_run(rig_, what); }

private:
    node_rig rig_{{std::filesystem::path{test::built_fault_subject}.parent_path() / "gestvenv-fault-node",
                   test::built_fault_launcher},
                  std::filesystem::temp_directory_path()};
};

void take_every_second(std::size_t first) {
    node_fixture f;
    const auto cycles = short_node_walk();
    for (auto i = first; i < cycles.size(); i += 2) {
        const auto report = f.run(cycles[i]);
        CAPTURE(to_string(cycles[i]));
        CHECK(report.struck);
    }
}

bool is_of_node(const std::string& name) {
    for (const char* part : {"node:", "owners:", "operation"})
        if (name.starts_with(part))
            return true;
    return false;
}

} // namespace

TEST_CASE(
    "whatever strikes at any first step of a node, nothing is left and every client is answered or cut off") {
    take_every_second(0);
}

TEST_CASE("whatever strikes at any second step of a node, nothing is left and every client is answered or "
          "cut off") {
    take_every_second(1);
}

TEST_CASE("a node that has no memory for its end ends in order all the same") {
    node_fixture f;
    for (const char* step : {"node: is about to end", "node: has removed its record and its socket",
                             "node: has taken everything down"}) {
        CAPTURE(step);
        node_cycle exhausted;
        exhausted.strike = node_strike::injected;
        exhausted.injected = fault_kind::exception;
        exhausted.step = step;
        exhausted.clients.assign(all_node_clients.begin(), all_node_clients.end());
        CHECK(f.run(exhausted).struck);
    }
}

TEST_CASE("every step that a node reaches is one that faults are tried at, and the other way round") {
    node_fixture f;
    node_cycle quiet;
    quiet.clients.assign(all_node_clients.begin(), all_node_clients.end());
    quiet.clients.push_back(node_client::owner); // one that ends, and one that stays
    const auto met = f.run(quiet).met;
    const auto has = [](const auto& all, const std::string& name) {
        return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    };
    for (const auto& one : met)
        if (is_of_node(one.name)) {
            CAPTURE(one.name);
            CHECK(has(node_steps(), one.name));
        }
    for (const auto& one : node_steps()) {
        CAPTURE(one.name);
        CHECK(has(met, one.name));
    }
}

TEST_CASE("a seed makes the same cycles of a node again, another one others") {
    CHECK(draw_node(7, 123) == draw_node(7, 123));
    CHECK(draw_node(7, 123) != draw_node(7, 124));
    CHECK(draw_node(7, 123) != draw_node(8, 123));
}
