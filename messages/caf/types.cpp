// SPDX-License-Identifier: MIT
#include "messages/caf/types.hpp"

#include "messages/caf/actors.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <mutex>

namespace gestvenv {

// Here and nowhere else: it takes the compiler ten seconds.
void announce_types() {
    static std::once_flag once;
    std::call_once(once, [] {
        caf::core::init_global_meta_objects();
        // The higher numbers first: CAF's table, which begins at number 0, is then made once.
        caf::init_global_meta_objects<caf::id_block::gestvenv_handles>();
        caf::init_global_meta_objects<caf::id_block::gestvenv>();
    });
}

} // namespace gestvenv
