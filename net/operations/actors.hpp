// SPDX-License-Identifier: MIT
// The interfaces of the node's own actors on one page; as messages/caf/actors.hpp for those of a runtime.
#pragma once

#include "messages/caf/actors.hpp"
#include "net/operations/operation_output.hpp"
#include "system/tracing/trace_context.hpp"

#include <gestvenv/operation_info.hpp>

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace gestvenv {

class command_link;

/// What an operation is to do. Stays in the process.
struct operation_request {
    /// Of the environment: its name or id; for a creation its new id.
    std::string environment;
    std::variant<environment_spec, command_spec, install_request, uninstall_request> what;
    /// Who may see it: a principal's id.
    std::string owner;
    /// The client's connection: when it ends, the operation is cancelled. Null: it goes on.
    caf::actor connection;
    /// Followed by the client while the command runs; null: by nothing.
    std::shared_ptr<operation_output> output;
    /// Speaks to the command; null: only `cancel` does.
    std::shared_ptr<command_link> link;
    /// Of a command whose client has its streams, or hears its output, over a channel of its own; without a link: none.
    output_receiver carried;
    /// Called once with what came of it, on the operation's thread; must not block.
    std::function<void(const operation_info&)> done;
    /// The client's trace, without a span where it named none; all zeros: a new one.
    trace_context trace;
};

/// An operation as the list knows it. Stays in the process.
struct listed_operation {
    operation_info info;
    std::string owner;
    std::shared_ptr<operation_output> output;
};

/// An event with its place in the order of all. Stays in the process.
struct numbered_event {
    std::uint64_t number = 0;
    runtime_event event;
};

/// Receives events in their order; false: it takes none any more. Runs on the stream's thread; must not block.
/// Stays in the process.
struct event_receiver {
    std::function<bool(const numbered_event&)> take;
    /// Events with numbers above this one that are still known are sent first.
    std::uint64_t after = UINT64_MAX;
};

} // namespace gestvenv

/// GestVenv's numbers end at 1199.
#define GESTVENV_NET_FIRST_TYPE_ID (GESTVENV_FIRST_TYPE_ID + 150)

CAF_BEGIN_TYPE_ID_BLOCK(gestvenv_net, GESTVENV_NET_FIRST_TYPE_ID)
CAF_ADD_TYPE_ID(gestvenv_net, (gestvenv::operation_info))
CAF_ADD_TYPE_ID(gestvenv_net, (gestvenv::operation_request))
CAF_ADD_TYPE_ID(gestvenv_net, (gestvenv::listed_operation))
CAF_ADD_TYPE_ID(gestvenv_net, (std::vector<gestvenv::listed_operation>))
CAF_ADD_TYPE_ID(gestvenv_net, (gestvenv::event_receiver))
CAF_ADD_TYPE_ID(gestvenv_net, (gestvenv::numbered_event))
// Begin an operation.
CAF_ADD_ATOM(gestvenv_net, gestvenv, start_atom)
// An operation has ended.
CAF_ADD_ATOM(gestvenv_net, gestvenv, ended_atom)
// Hear events from now on.
CAF_ADD_ATOM(gestvenv_net, gestvenv, follow_atom)
CAF_END_TYPE_ID_BLOCK(gestvenv_net)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::operation_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::listed_operation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::event_receiver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gestvenv::numbered_event)

namespace gestvenv {

template <class Inspector>
bool inspect(Inspector&, operation_request&) {
    return false; // it stays in the process
}

template <class Inspector>
bool inspect(Inspector&, listed_operation&) {
    return false; // it stays in the process
}

template <class Inspector>
bool inspect(Inspector&, event_receiver&) {
    return false; // it stays in the process
}

template <class Inspector>
bool inspect(Inspector&, numbered_event&) {
    return false; // it stays in the process
}

/// One operation: asks the supervisor, waits for the answer, and ends.
using operation_actor = caf::typed_actor<
    // Asks for its end: a command is ended after the runtime's grace, a creation is taken back. What cannot be
    // stopped is answered with illegal_transition.
    auto(cancel_atom)->caf::result<void>, auto(continuation)->caf::result<void>>;

/// Starts operations and keeps a bounded number of those that have ended.
using operations_actor = caf::typed_actor<
    // Answers with the operation as it begins.
    auto(start_atom, operation_request)->caf::result<operation_info>,
    auto(find_atom, std::string id)->caf::result<listed_operation>,
    // Newest first.
    auto(list_atom)->caf::result<std::vector<listed_operation>>,
    auto(cancel_atom, std::string id)->caf::result<void>,
    // From an operation: what came of it.
    auto(ended_atom, operation_info)->caf::result<void>,
    // The actor of an operation has ended.
    auto(child_down_atom, std::string id, caf::error)->caf::result<void>>;

/// Writes events to one client.
using event_stream_actor = caf::typed_actor<auto(note_atom, numbered_event)->caf::result<void>>;

/// Numbers the runtime's events, keeps the last ones, and hands them to the streams.
using event_streams_actor = caf::typed_actor<
    // Begins a stream, which ends when its receiver takes nothing any more.
    auto(follow_atom, event_receiver)->caf::result<event_stream_actor>,
    // From the runtime.
    auto(note_atom, runtime_event)->caf::result<void>,
    // A stream has ended.
    auto(child_down_atom, std::uint64_t stream)->caf::result<void>>;

} // namespace gestvenv

CAF_BEGIN_TYPE_ID_BLOCK(gestvenv_net_handles, GESTVENV_NET_FIRST_TYPE_ID + 30)
CAF_ADD_TYPE_ID(gestvenv_net_handles, (gestvenv::event_stream_actor))
CAF_END_TYPE_ID_BLOCK(gestvenv_net_handles)
