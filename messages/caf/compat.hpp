// SPDX-License-Identifier: MIT
// The little that differs between CAF 0.18.7 and 1.x, so that everything else compiles on both.
#pragma once

#include "messages/caf/fault_point.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/config.hpp>
#include <caf/disposable.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>
#include <caf/type_id.hpp>

#include <chrono>
#include <string_view>
#include <type_traits>
#include <utility>

#if CAF_MAJOR_VERSION >= 1
#include <caf/anon_mail.hpp>
#endif

namespace gestvenv::caf_compat {

/// Tells of one message to where faults are injected: when made and when left.
class message_boundary {
public:
    message_boundary(const char* message, caf::abstract_actor* sender, caf::abstract_actor* receiver)
        : message_(message), sender_(sender), receiver_(receiver) {
        message_fault_point(message_step::before_sending, message_, sender_, receiver_);
    }
    void sent() const { message_fault_point(message_step::after_sending, message_, sender_, receiver_); }

    /// Null for a handle of no actor: its own conversion would add an offset to that.
    template <class Receiver>
    static caf::abstract_actor* address_of(const Receiver& receiver) {
        return receiver ? caf::actor_cast<caf::abstract_actor*>(receiver) : nullptr;
    }

    template <class First, class... Rest>
    static const char* name_of(const First&, const Rest&...) {
        return caf::type_name<std::decay_t<First>>::value.data();
    }

private:
    const char* message_;
    caf::abstract_actor* sender_;
    caf::abstract_actor* receiver_;
};

/// `request(self, receiver, timeout, arguments...).then(on_value, on_error)`.
template <class Self, class Receiver, class Timeout, class... Arguments>
auto request(Self* self, const Receiver& receiver, Timeout timeout, Arguments&&... arguments) {
    message_boundary boundary{message_boundary::name_of(arguments...), self,
                              message_boundary::address_of(receiver)};
#if CAF_MAJOR_VERSION >= 1
    auto asked = self->mail(std::forward<Arguments>(arguments)...).request(receiver, timeout);
#else
    auto asked = self->request(receiver, timeout, std::forward<Arguments>(arguments)...);
#endif
    boundary.sent();
    return asked;
}

/// Sends without a sender, so that no answer, and no error in its place, ever comes back: an error that
/// was not requested ends an actor.
template <class Receiver, class... Arguments>
void send_anonymously(const Receiver& receiver, Arguments&&... arguments) {
    message_boundary boundary{message_boundary::name_of(arguments...), nullptr,
                              message_boundary::address_of(receiver)};
#if CAF_MAJOR_VERSION >= 1
    caf::anon_mail(std::forward<Arguments>(arguments)...).send(receiver);
#else
    caf::anon_send(receiver, std::forward<Arguments>(arguments)...);
#endif
    boundary.sent();
}

/// Hands the current request on: the receiver answers in this actor's place.
template <class Self, class Receiver, class... Arguments>
auto delegate(Self* self, const Receiver& receiver, Arguments&&... arguments) {
    message_boundary boundary{message_boundary::name_of(arguments...), self,
                              message_boundary::address_of(receiver)};
#if CAF_MAJOR_VERSION >= 1
    auto delegated = self->mail(std::forward<Arguments>(arguments)...).delegate(receiver);
#else
    auto delegated = self->delegate(receiver, std::forward<Arguments>(arguments)...);
#endif
    boundary.sent();
    return delegated;
}

/// Calls `function(reason)` in the dying actor's thread when `watched` ends; it may only post a message.
template <class Handle, class Function>
void on_down(const Handle& watched, Function function) {
    watched->attach_functor(
        [function = std::move(function)](const caf::error& reason) mutable { function(reason); });
}

/// For the time in which a thread that runs no actors starts one. CAF lets it hold the system's logger from then on, and a
/// system waits in its destructor until none does: for ever, if that thread goes on.
class spawn_scope {
public:
    spawn_scope() = default;
    spawn_scope(const spawn_scope&) = delete;
    spawn_scope& operator=(const spawn_scope&) = delete;
    ~spawn_scope() {
#if CAF_MAJOR_VERSION >= 1
        caf::logger::current_logger(nullptr);
#else
        caf::logger::set_current_actor_system(nullptr);
#endif
    }
};

/// Actors that have not ended yet. The system counts them itself since some time after 1.1.0, the registry
/// before.
template <class System>
std::size_t running_count(System& system) {
    if constexpr (requires { system.running_actors_count(); })
        return system.running_actors_count();
    else
        return system.registry().running();
}

} // namespace gestvenv::caf_compat
