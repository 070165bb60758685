// SPDX-License-Identifier: MIT
#include "system/journal/resources/detached_storage.hpp"

namespace gestvenv::resources {

void detached_storage::add_to(undo_order& /*order*/) const {}

// Its holders are the launcher and the keeper, which is a resource of its own.
bool detached_storage::gone_with_its_program(bool /*same_boot*/) const {
    return true;
}

std::vector<std::string> detached_storage::listed() const {
    return {};
}

} // namespace gestvenv::resources
