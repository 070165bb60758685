// SPDX-License-Identifier: MIT
#include "tools/faults/common/scenario.hpp"

namespace gestvenv::faults {

std::filesystem::path report_of(scenario::part does, const std::filesystem::path& folder) {
    switch (does) {
    case scenario::part::use:
    case scenario::part::install:
        break;
    case scenario::part::recover:
        return folder / "report-recover";
    case scenario::part::beside:
        return folder / "report-beside";
    case scenario::part::after:
        return folder / "report-after";
    }
    return folder / "report-use";
}

} // namespace gestvenv::faults
