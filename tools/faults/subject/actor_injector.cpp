// SPDX-License-Identifier: MIT
// Stands in for messages/caf/fault_point.cpp in programs for fault injection.
#include "messages/caf/fault_point.hpp"
#include "tools/faults/injector/injector.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <array>
#include <cstdio>

namespace gestvenv {

namespace {

void kill_actor(void* actor) {
    auto handle = caf::actor_cast<caf::actor>(static_cast<caf::abstract_actor*>(actor));
    caf::anon_send_exit(handle, caf::exit_reason::kill);
}

} // namespace

void message_fault_point(message_step step, const char* message, caf::abstract_actor* sender,
                         caf::abstract_actor* receiver) {
    std::array<char, 112> name{};
    const char* when = step == message_step::before_sending ? "is about to be sent" : "has been sent";
    std::snprintf(name.data(), name.size(), "message: %s %s", message, when);
    faults::meet(name.data(), {kill_actor, sender, receiver});
}

} // namespace gestvenv
