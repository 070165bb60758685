// SPDX-License-Identifier: MIT
#include "system/journal/resources/keeper.hpp"

namespace gestvenv::resources {

void keeper::add_to(undo_order& order) const {
    order.by_launcher.keepers.push_back({pid.value_or(-1), start_time.value_or(0)});
}

// It ends with its launcher, unless a signal has stopped it.
bool keeper::gone_with_its_program(bool same_boot) const {
    return !same_boot;
}

std::vector<std::string> keeper::listed() const {
    if (!pid)
        return {};
    return {std::to_string(*pid)};
}

} // namespace gestvenv::resources
