// SPDX-License-Identifier: MIT
// Every step at which a fault can come, met by one; tools/chaos does all of them with all faults.
#include "system/limits/cgroup_tree.hpp"
#include "tests/faults/faults_fixture.hpp"
#include "tools/faults/harness/draw.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <string>
#include <unistd.h>
#include <vector>

using namespace gestvenv;
using namespace gestvenv::faults;
using gestvenv::test::faults_fixture;

namespace {

// The same fault at the same step, with all combinations of what decides whether a run reaches it.
std::vector<cycle> variants(const cycle& what) {
    std::vector<cycle> result{what};
    const bool is_root = ::geteuid() == 0;
    // Last without the other program: beside one, the work may always be that one's.
    for (bool alone : {false, true})
        for (bool other_part : {false, true})
            for (bool other_user : {false, true})
                for (auto storage : {storage_backend::disk, storage_backend::tmpfs})
                    for (auto best :
                         {containment::subreaper, containment::pid_namespace, containment::cgroup}) {
                        auto next = what;
                        next.beside_another = what.beside_another && !alone;
                        next.in_recovery = what.in_recovery != other_part;
                        next.ordinary_user = is_root && what.ordinary_user != other_user;
                        next.storage = storage;
                        next.best = best;
                        if (std::find(result.begin(), result.end(), next) == result.end())
                            result.push_back(next);
                    }
    return result;
}

bool is_in_reach(const std::string& step) {
    static const bool no_groups = !cgroup_tree::find();
    return !(no_groups && step.find("group") != step.npos);
}

// Two tests, so that two may run at a time.
void take_every_second(std::size_t first) {
    faults_fixture f;
    auto cycles = short_walk(::geteuid() == 0);
    for (auto i = first; i < cycles.size(); i += 2) {
        const bool in_reach = is_in_reach(cycles[i].step);
        bool struck = false;
        for (const auto& next : variants(cycles[i])) {
            struck = f.run(next).struck;
            if (struck || !in_reach)
                break;
        }
        CAPTURE(to_string(cycles[i]));
        CHECK((struck || !in_reach));
    }
}

} // namespace

TEST_CASE("whatever fails at any first step, nothing is left") {
    take_every_second(0);
}

TEST_CASE("whatever fails at any second step, nothing is left") {
    take_every_second(1);
}

TEST_CASE("every step that a run reaches is one that faults are tried at") {
    faults_fixture f;
    cycle quiet;
    quiet.storage = GENERATE(storage_backend::tmpfs, storage_backend::disk);
    quiet.best = GENERATE(containment::pid_namespace, containment::subreaper);
    quiet.in_recovery = GENERATE(false, true);
    for (const auto& met : f.run(quiet).met) {
        CAPTURE(met.name);
        const auto& known = all_steps();
        auto found =
            std::find_if(known.begin(), known.end(), [&](const step& item) { return item.name == met.name; });
        REQUIRE(found != known.end());
        CHECK(found->has_sender == met.has_sender);
    }
}

TEST_CASE("a seed makes the same faults again, another one others") {
    CHECK(draw(7, 1234, true) == draw(7, 1234, true));
    CHECK(draw(7, 1234, true) != draw(7, 1235, true));
    CHECK(draw(7, 1234, true) != draw(8, 1234, true));
}
