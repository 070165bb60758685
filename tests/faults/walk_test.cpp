// Every step at which a fault can come, met by one; tools/chaos does all of them with all faults.
#include "tests/faults/faults_fixture.hpp"
#include "tools/faults/draw.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::faults;
using gestvenv::test::faults_fixture;

namespace {

// Two tests, so that two may run at a time.
void take_every_second(std::size_t first) {
    faults_fixture f;
    auto cycles = short_walk(::geteuid() == 0);
    std::size_t struck = 0;
    for (auto i = first; i < cycles.size(); i += 2)
        struck += f.run(cycles[i]).struck ? 1 : 0;
    // Some steps are those of other faults, or of storages that have no folder.
    CHECK(struck > cycles.size() / 4);
}

} // namespace

TEST_CASE("whatever fails at any first step, nothing is left") {
    take_every_second(0);
}

TEST_CASE("whatever fails at any second step, nothing is left") {
    take_every_second(1);
}

TEST_CASE("every step that a run comes by is one that faults are tried at") {
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
