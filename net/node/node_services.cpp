// SPDX-License-Identifier: MIT
#include "net/node/node_services.hpp"

#include "messages/caf/compat.hpp"
#include "messages/continuation.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace gestvenv {

caf::actor node_services::new_connection() const {
    caf_compat::spawn_scope foreign;
    return runtime->actors().spawn([](caf::event_based_actor* self) -> caf::behavior {
        end_on_exception(self);
        return {[](const continuation& next) { next.run(); }};
    });
}

caf::actor node_services::connection_of(http::exchange& what) const {
    auto connection = new_connection();
    what.on_gone([connection] { caf::anon_send_exit(connection, caf::exit_reason::user_shutdown); });
    return connection;
}

} // namespace gestvenv
