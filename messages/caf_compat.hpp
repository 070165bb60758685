// The little that differs between CAF 0.18.7 and 1.x, so that everything else compiles on both.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/config.hpp>
#include <caf/disposable.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <string_view>
#include <utility>

#if CAF_MAJOR_VERSION >= 1
#include <caf/anon_mail.hpp>
#endif

namespace gestvenv::caf_compat {

/// `request(self, receiver, timeout, arguments...).then(on_value, on_error)`.
template <class Self, class Receiver, class Timeout, class... Arguments>
auto request(Self* self, const Receiver& receiver, Timeout timeout, Arguments&&... arguments) {
#if CAF_MAJOR_VERSION >= 1
    return self->mail(std::forward<Arguments>(arguments)...).request(receiver, timeout);
#else
    return self->request(receiver, timeout, std::forward<Arguments>(arguments)...);
#endif
}

/// Sends without a sender, so that no answer, and no error in its place, ever comes back: an error that
/// nobody asked for ends an actor.
template <class Receiver, class... Arguments>
void send_anonymously(const Receiver& receiver, Arguments&&... arguments) {
#if CAF_MAJOR_VERSION >= 1
    caf::anon_mail(std::forward<Arguments>(arguments)...).send(receiver);
#else
    caf::anon_send(receiver, std::forward<Arguments>(arguments)...);
#endif
}

/// Hands the current request on: the receiver answers in this actor's place.
template <class Self, class Receiver, class... Arguments>
auto delegate(Self* self, const Receiver& receiver, Arguments&&... arguments) {
#if CAF_MAJOR_VERSION >= 1
    return self->mail(std::forward<Arguments>(arguments)...).delegate(receiver);
#else
    return self->delegate(receiver, std::forward<Arguments>(arguments)...);
#endif
}

/// Calls `function(reason)` in the dying actor's thread when `watched` ends; it may only post a message.
template <class Handle, class Function>
void on_down(const Handle& watched, Function function) {
    watched->attach_functor(
        [function = std::move(function)](const caf::error& reason) mutable { function(reason); });
}

/// Actors that have not ended yet.
inline std::size_t running_count(caf::actor_system& system) {
#if CAF_MAJOR_VERSION >= 1
    return system.running_actors_count();
#else
    return system.registry().running();
#endif
}

} // namespace gestvenv::caf_compat
