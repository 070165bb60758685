// SPDX-License-Identifier: MIT
#include "net/node/node_services.hpp"

#include "messages/caf/compat.hpp"
#include "messages/continuation.hpp"
#include "messages/fault_point.hpp"
#include "runtime/ask.hpp"

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

void node_services::hold(const std::string& environment_id, std::shared_ptr<http::body_stream> body) {
    fault_point("owners: a connection is about to be held");
    std::scoped_lock lock{mutex_};
    held_.insert_or_assign(environment_id, std::move(body));
}

void node_services::end_without_owner(const std::string& environment_id) const {
    fault_point("owners: an environment is about to end without its owner");
    runtime->begin<teardown_receipt>([](const outcome<teardown_receipt>&) {}, destroy_atom_v, environment_id,
                                     cleanup_reason::owner_gone, true);
}

void node_services::forget(const std::string& environment_id) {
    owners.has_ended(environment_id);
    clients->remove(environment_id);
    std::shared_ptr<http::body_stream> body;
    {
        std::scoped_lock lock{mutex_};
        if (auto found = held_.find(environment_id); found != held_.end()) {
            body = std::move(found->second);
            held_.erase(found);
        }
    }
    if (body)
        body->end();
}

} // namespace gestvenv
