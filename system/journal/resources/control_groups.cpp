// SPDX-License-Identifier: MIT
#include "system/journal/resources/control_groups.hpp"

namespace gestvenv::resources {

void control_groups::add_to(undo_order& order) const {
    auto& all = order.by_launcher.cgroups;
    all.insert(all.end(), paths.begin(), paths.end());
}

// They are gone after a boot, which the launcher finds out by looking.
bool control_groups::gone_with_its_program(bool /*same_boot*/) const {
    return false;
}

std::vector<std::string> control_groups::listed() const {
    return paths;
}

} // namespace gestvenv::resources
