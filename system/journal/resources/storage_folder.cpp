// SPDX-License-Identifier: MIT
#include "system/journal/resources/storage_folder.hpp"

namespace gestvenv::resources {

// All folders of an environment have the same owner.
void storage_folder::add_to(undo_order& order) const {
    order.by_launcher.folders.push_back(path);
    order.by_launcher.owner_marker = owner;
}

// One in memory is gone after a boot, which the launcher finds out by looking.
bool storage_folder::gone_with_its_program(bool /*same_boot*/) const {
    return false;
}

std::vector<std::string> storage_folder::listed() const {
    if (path.empty())
        return {};
    return {path};
}

} // namespace gestvenv::resources
