// A blocking question to the supervisor from a thread that is no actor.
#pragma once

#include "messages/caf_compat.hpp"
#include "messages/caf_error.hpp"
#include "runtime/runtime_core.hpp"

#include <caf/event_based_actor.hpp>

#include <future>
#include <memory>
#include <tuple>
#include <utility>

namespace gestvenv {

template <class Answer, class... Arguments>
outcome<Answer> runtime_core::try_ask(Arguments&&... arguments) {
    auto promise = std::make_shared<std::promise<outcome<Answer>>>();
    auto future = promise->get_future();
    std::shared_lock open{gate_};
    if (!supervisor_)
        return failure(error_code::shutting_down, "the runtime has ended");
    // An actor for the length of one question: cheap (2 microseconds), and nothing lives on that could hold
    // up the end.
    actors_->spawn([promise, supervisor = supervisor_,
                    arguments = std::make_tuple(std::forward<Arguments>(arguments)...)](
                       caf::event_based_actor* self) mutable {
        auto ask = [&](auto&... argument) {
            caf_compat::request(self, supervisor, caf::infinite, std::move(argument)...)
                .then([promise](Answer& answer) { promise->set_value(std::move(answer)); },
                      [promise](const caf::error& reason) {
                          promise->set_value(failure(from_caf_error(reason)));
                      });
        };
        std::apply(ask, arguments);
    });
    open.unlock();
    return future.get();
}

template <class Answer, class... Arguments>
Answer runtime_core::ask(Arguments&&... arguments) {
    throw_if_forked();
    auto answer = try_ask<Answer>(std::forward<Arguments>(arguments)...);
    if (!answer)
        throw_as_exception(answer.error());
    return std::move(*answer);
}

} // namespace gestvenv
