// SPDX-License-Identifier: MIT
// Cycles whose faults are failed checks.
#pragma once

#include "tests/support/places.hpp"
#include "tools/faults/harness/rig.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::test {

/// One cycle, of any rig.
template <class Rig, class Cycle>
auto checked_run(Rig& rig, const Cycle& what) {
    CAPTURE(to_string(what));
    auto report = rig.run(what);
    CAPTURE(report.said);
    CHECK(report.faults == std::vector<std::string>{});
    return report;
}

class faults_fixture {
public:
    faults::cycle_report run(const faults::cycle& what) { return checked_run(rig_, what); }

private:
    // Not in a folder of ours alone: other users' cycles need it too.
    faults::rig rig_{{test::built_fault_subject, test::built_fault_launcher},
                     std::filesystem::temp_directory_path()};
};

} // namespace gestvenv::test
