// SPDX-License-Identifier: MIT
#include "net/operations/operation.hpp"

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "messages/fault_point.hpp"
#include "system/process/command_link.hpp"
#include "system/tracing/span.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <type_traits>
#include <utility>

namespace gestvenv {

namespace {

// Until a command that is asked to end is killed.
std::chrono::milliseconds grace_of(const services& shared) {
    return shared.config()->stop_grace;
}

error lost_client(const std::string& environment) {
    return {error_code::cancelled, "the command was ended because its client has gone", environment,
            "POST .../execute?stay=true begins one that goes on without its client"};
}

} // namespace

operation_state::operation_state(pointer self, std::shared_ptr<const services> shared, operations_actor list,
                                 operation_info begun, operation_request request)
    : self_(self), shared_(std::move(shared)), list_(std::move(list)), info_(std::move(begun)),
      request_(std::move(request)) {}

operation_state::~operation_state() {
    auto done = std::exchange(request_.done, nullptr);
    if (!done)
        return;
    info_.problem = error{error_code::shutting_down, "the operation was lost: its actor has ended",
                          info_.environment, "what it began goes on; see the environment, and try again"};
    info_.status = operation_status::failed;
    info_.finished_at = std::chrono::system_clock::now();
    if (request_.output)
        request_.output->end();
    done(info_);
}

operation_actor::behavior_type operation_state::make_behavior() {
    end_on_exception(self_);
    if (request_.connection)
        caf_compat::on_down(request_.connection, resume(self_, [this](const caf::error&) { lose_client(); }));
    begin();
    return {[this](cancel_atom) -> caf::result<void> {
                if (auto asked = cancel(); !asked)
                    return to_caf_error(asked.error());
                return {};
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

void operation_state::begin() {
    auto failed = [this](const caf::error& reason) { fail(from_caf_error(reason)); };
    auto installed = [this](install_result& result) {
        info_.packages = std::move(result);
        end(operation_status::succeeded);
    };
    auto ask = [this](auto&&... arguments) {
        return caf_compat::request(self_, shared_->supervisor, caf::infinite,
                                   std::forward<decltype(arguments)>(arguments)...);
    };
    if (request_.trace.trace == trace_id{})
        request_.trace = new_trace();
    const request_origin origin{request_.trace, info_.id};
    auto start = [&]<class What>(What& what) {
        if constexpr (std::is_same_v<What, environment_spec>)
            note_origin(creation_of(request_.environment), origin);
        else if constexpr (!std::is_same_v<What, command_spec>)
            note_origin(request_of(self_->id()), origin);
        if constexpr (std::is_same_v<What, environment_spec>)
            ask(create_atom_v, request_.environment, std::move(what))
                .then(
                    [this](environment_info& made) {
                        info_.made = std::move(made);
                        end(operation_status::succeeded);
                    },
                    failed);
        else if constexpr (std::is_same_v<What, command_spec>)
            execute(std::move(what));
        else if constexpr (std::is_same_v<What, install_request>)
            ask(install_atom_v, request_.environment, std::move(what)).then(installed, failed);
        else
            ask(uninstall_atom_v, request_.environment, std::move(what)).then(installed, failed);
    };
    std::visit(start, request_.what);
}

void operation_state::execute(command_spec command) {
    auto receiver = request_.carried;
    if (!receiver.link)
        receiver = {request_.output, request_.link ? request_.link : std::make_shared<command_link>(), {}};
    link_ = receiver.link;
    note_origin(command_of(link_.get()), request_origin{request_.trace, info_.id});
    caf_compat::request(self_, shared_->supervisor, caf::infinite, execute_atom_v, request_.environment,
                        std::move(command), std::move(receiver))
        .then(
            [this](operation_result& result) {
                info_.result = std::move(result);
                if (client_lost_)
                    info_.problem = lost_client(info_.environment);
                end(cancelled_ ? operation_status::cancelled : operation_status::succeeded);
            },
            [this](const caf::error& reason) { fail(from_caf_error(reason)); });
}

void operation_state::fail(const error& problem) {
    info_.problem = problem;
    end(problem.code == error_code::cancelled ? operation_status::cancelled : operation_status::failed);
}

void operation_state::end(operation_status status) {
    info_.status = status;
    info_.finished_at = std::chrono::system_clock::now();
    fault_point("operation: is about to tell what came of it");
    if (request_.output)
        request_.output->end();
    if (auto done = std::exchange(request_.done, nullptr))
        done(info_);
    caf_compat::send_anonymously(list_, ended_atom_v, std::move(info_));
    self_->quit();
}

outcome<void> operation_state::cancel() {
    switch (info_.kind) {
    case operation_kind::execute:
        cancelled_ = true;
        link_->kill(grace_of(*shared_));
        return {};
    case operation_kind::create:
        cancelled_ = true;
        caf_compat::send_anonymously(shared_->supervisor, cancel_atom_v, request_.environment);
        return {};
    case operation_kind::install:
    case operation_kind::uninstall:
        break;
    }
    return failure(error_code::illegal_transition,
                   "an installation cannot be cancelled: half of it would be in the environment",
                   "wait for it, or end the environment with force");
}

// An installation goes on: others may use the environment.
void operation_state::lose_client() {
    if (request_.output)
        request_.output->no_owner();
    if (cancel())
        client_lost_ = true;
}

operation_actor spawn_operation(caf::actor_system& system, std::shared_ptr<const services> shared,
                                operations_actor list, operation_info begun, operation_request request) {
    return system.spawn<operation_actor::stateful_impl<operation_state>>(
        std::move(shared), std::move(list), std::move(begun), std::move(request));
}

} // namespace gestvenv
