// SPDX-License-Identifier: MIT
#include "net/operations/operations.hpp"

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "messages/fault_point.hpp"
#include "net/operations/operation.hpp"
#include "system/random_identifier.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace gestvenv {

namespace {

caf::error unknown(const std::string& id) {
    return to_caf_error({error_code::not_found,
                         fmt::format("there is no operation {}", id),
                         {},
                         "GET /api/v1/operations lists them; the oldest are forgotten"});
}

operation_kind kind_of(const operation_request& request) {
    switch (request.what.index()) {
    case 0:
        return operation_kind::create;
    case 1:
        return operation_kind::execute;
    case 2:
        return operation_kind::install;
    default:
        return operation_kind::uninstall;
    }
}

std::size_t bytes_of(const operation_info& info) {
    return info.result ? info.result->stdout_text.size() + info.result->stderr_text.size() : 0;
}

} // namespace

operations_state::operations_state(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)) {}

operations_actor::behavior_type operations_state::make_behavior() {
    end_on_exception(self_);
    return {[this](start_atom, operation_request& request) { return start(std::move(request)); },
            [this](find_atom, const std::string& id) -> caf::result<listed_operation> {
                auto found = entries_.find(id);
                if (found == entries_.end())
                    return unknown(id);
                return found->second.listed;
            },
            [this](list_atom) -> caf::result<std::vector<listed_operation>> {
                std::vector<listed_operation> all;
                for (const auto& [id, one] : entries_)
                    all.push_back(one.listed);
                std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
                    return std::tie(b.info.started_at, b.info.id) < std::tie(a.info.started_at, a.info.id);
                });
                return all;
            },
            [this](cancel_atom, const std::string& id) -> caf::result<void> {
                auto found = entries_.find(id);
                if (found == entries_.end())
                    return unknown(id);
                if (!found->second.actor)
                    return to_caf_error({error_code::illegal_transition, "the operation has ended", {}, {}});
                return caf_compat::delegate(self_, found->second.actor, cancel_atom_v);
            },
            [this](ended_atom, operation_info& info) -> caf::result<void> {
                ended(std::move(info));
                return {};
            },
            [this](child_down_atom, const std::string& id, const caf::error& reason) -> caf::result<void> {
                auto found = entries_.find(id);
                if (found == entries_.end() || !found->second.actor)
                    return {}; // it has told what came of it
                auto info = found->second.listed.info;
                info.status = operation_status::failed;
                info.finished_at = std::chrono::system_clock::now();
                info.problem = reason ? from_caf_error(reason)
                                      : error{error_code::shutting_down, "the node has ended", {}, {}};
                ended(std::move(info));
                return {};
            }};
}

caf::result<operation_info> operations_state::start(operation_request request) {
    if (running_ >= most_running)
        return to_caf_error({error_code::resources_exhausted,
                             fmt::format("{} operations are under way, and no more are accepted", running_),
                             {},
                             "try again when some have ended"});
    fault_point("operations: is about to start one");
    operation_info info;
    info.id = random_identifier();
    info.kind = kind_of(request);
    info.environment = request.environment;
    info.started_at = std::chrono::system_clock::now();
    entry item;
    item.listed = {info, request.owner, request.output};
    item.actor = spawn_operation(self_->system(), shared_, operations_actor{self_}, info, std::move(request));
    caf_compat::on_down(item.actor, [list = operations_actor{self_}, id = info.id](const caf::error& reason) {
        caf_compat::send_anonymously(list, child_down_atom_v, id, reason);
    });
    entries_.emplace(info.id, std::move(item));
    ++running_;
    fault_point("operations: has started one");
    return info;
}

void operations_state::ended(operation_info info) {
    auto found = entries_.find(info.id);
    if (found == entries_.end() || !found->second.actor)
        return;
    fault_point("operations: one has ended");
    auto& its = found->second;
    its.actor = nullptr;
    its.bytes = bytes_of(info);
    its.listed.info = std::move(info);
    --running_;
    ended_bytes_ += its.bytes;
    order_of_ends_.push_back(found->first);
    forget_oldest();
}

void operations_state::forget_oldest() {
    while (order_of_ends_.size() > most_ended ||
           (ended_bytes_ > most_ended_bytes && order_of_ends_.size() > 1)) {
        auto found = entries_.find(order_of_ends_.front());
        ended_bytes_ -= found->second.bytes;
        entries_.erase(found);
        order_of_ends_.pop_front();
    }
}

operations_actor spawn_operations(caf::actor_system& system, std::shared_ptr<const services> shared) {
    return system.spawn<operations_actor::stateful_impl<operations_state>>(std::move(shared));
}

} // namespace gestvenv
