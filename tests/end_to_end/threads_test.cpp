// SPDX-License-Identifier: MIT
// Threads run out at a limit of processes: at whichever thread that is, the program ends with a word.
#include "tests/end_to_end/program.hpp"
#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <list>
#include <string>

using namespace gestvenv::test;

TEST_CASE("at whichever thread the limit is reached, a run ends with a reason") {
    if (*sanitizer != '\0')
        SKIP("a sanitizer's own library must be loaded first");
    constexpr int more_than_all = 20;
    // The one with encryption has the same commands, and a loader, which a static one has not.
    const auto program = (std::filesystem::path{built_program}.parent_path() / "gestvenv-node").string();
    std::list<scene> places;
    std::list<started_program> runs;
    // All at once: CAF never comes back from some of them, which is waited for.
    for (int refused = 1; refused <= more_than_all; ++refused) {
        auto& place = places.emplace_back();
        place.where().variables["LD_PRELOAD"] = refused_threads_library;
        place.where().variables["GESTVENV_REFUSED_THREAD"] = std::to_string(refused);
        runs.emplace_back(std::vector<std::string>{program, "run", "--storage", "disk", "echo", "done"},
                          place.where(), place.output_folder());
    }
    int refused = 0;
    int told = 0;
    for (auto& run : runs) {
        auto result = run.wait();
        INFO("from thread " << ++refused << " on: " << result.err);
        if (result.status == 0) {
            CHECK(result.out == "done\n");
            continue;
        }
        ++told;
        CHECK(result.status == 125);
        CHECK(result.err.find("Resource temporarily unavailable") != std::string::npos);
        CHECK(result.err.find("hint: the limit of processes and threads is reached") != std::string::npos);
    }
    CHECK(told > 5); // the reactor, CAF, its own threads of actors
    CHECK(told < more_than_all);
}
