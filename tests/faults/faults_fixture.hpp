// SPDX-License-Identifier: MIT
// A rig, and its report as a failed check.
#pragma once

#include "tests/support/places.hpp"
#include "tools/faults/harness/rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::test {

class faults_fixture {
public:
    faults::cycle_report run(const faults::cycle& what) {
        CAPTURE(to_string(what));
        auto report = rig_.run(what);
        CAPTURE(report.said);
        CHECK(report.faults == std::vector<std::string>{});
        return report;
    }

private:
    // Not in a folder of ours alone: other users' cycles need it too.
    faults::rig rig_{{test::built_fault_subject, test::built_fault_launcher},
                     std::filesystem::temp_directory_path()};
};

} // namespace gestvenv::test
