// SPDX-License-Identifier: MIT
#include "net/operations/types.hpp"

#include "messages/caf/types.hpp"
#include "net/operations/actors.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <mutex>

namespace gestvenv {

void announce_net_types() {
    static std::once_flag once;
    std::call_once(once, [] {
        // The higher numbers first: CAF's table, which begins at number 0, is then made once.
        caf::init_global_meta_objects<caf::id_block::gestvenv_net_handles>();
        caf::init_global_meta_objects<caf::id_block::gestvenv_net>();
        announce_types();
    });
}

} // namespace gestvenv
