// SPDX-License-Identifier: MIT
// Questions to the supervisor from threads that are no actors.
#pragma once

#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "messages/continuation.hpp"
#include "runtime/answers.hpp"
#include "runtime/runtime_core.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <future>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gestvenv {

/// Hands the answer to `done` exactly once: when no answer comes, as at the end of the runtime, it says so.
template <class Answer>
class open_question {
public:
    explicit open_question(std::function<void(outcome<Answer>)> done) : done_(std::move(done)) {}
    open_question(const open_question&) = delete;
    open_question& operator=(const open_question&) = delete;
    ~open_question() {
        if (done_)
            done_(failure(error_code::shutting_down, "the runtime has ended"));
    }
    void answer(outcome<Answer> value) {
        answering_scope scope;
        if (auto done = std::exchange(done_, nullptr))
            done(std::move(value));
    }

private:
    std::function<void(outcome<Answer>)> done_;
};

/// Asks one actor in the place of a thread that is none, and waits for the answer. Where none comes within
/// `limit`, or there is no such actor, it is an error.
template <class Answer, class Handle, class... Arguments>
outcome<Answer> ask_actor(caf::actor_system& actors, const Handle& receiver, caf::timespan limit,
                          Arguments... arguments) {
    if (!receiver)
        return failure(error_code::actor_crashed, "a part of the runtime is not there");
    auto promise = std::make_shared<std::promise<outcome<Answer>>>();
    auto answer = promise->get_future();
    auto question = std::make_shared<open_question<Answer>>(
        [promise](outcome<Answer> value) { promise->set_value(std::move(value)); });
    caf_compat::spawn_scope foreign;
    actors.spawn([question, receiver, limit, arguments...](caf::event_based_actor* self) {
        caf_compat::request(self, receiver, limit, arguments...)
            .then(
                [question](Answer& value) { question->answer(std::move(value)); },
                [question](const caf::error& reason) { question->answer(failure(from_caf_error(reason))); });
    });
    question.reset();
    return answer.get();
}

template <class Answer, class... Arguments>
void runtime_core::begin(std::function<void(outcome<Answer>)> done, Arguments&&... arguments) {
    // Another thread may be at the end of the runtime, which lets go of it.
    supervisor_actor supervisor;
    {
        std::shared_lock open{gate_};
        supervisor = supervisor_;
    }
    begin_at<Answer>(supervisor, std::move(done), std::forward<Arguments>(arguments)...);
}

template <class Answer, class Handle, class... Arguments>
void runtime_core::begin_at(const Handle& receiver, std::function<void(outcome<Answer>)> done,
                            Arguments&&... arguments) {
    auto question = std::make_shared<open_question<Answer>>(std::move(done));
    std::shared_lock open{gate_};
    if (!supervisor_)
        return;
    // The front desk asks in the thread's place; it runs this itself, so its pointer is good.
    auto* desk = caf::actor_cast<caf::event_based_actor*>(desk_);
    auto put = [desk, question, receiver,
                arguments = std::make_tuple(std::forward<Arguments>(arguments)...)]() mutable {
        auto request = [&](auto&... argument) {
            auto asked = caf_compat::request(desk, receiver, caf::infinite, std::move(argument)...);
            auto refused = [question](const caf::error& reason) {
                question->answer(failure(from_caf_error(reason)));
            };
            if constexpr (std::is_void_v<Answer>)
                std::move(asked).then([question] { question->answer({}); }, refused);
            else
                std::move(asked).then([question](Answer& answer) { question->answer(std::move(answer)); },
                                      refused);
        };
        std::apply(request, arguments);
    };
    caf_compat::send_anonymously(desk_, continuation::of(std::move(put)));
}

// By the same desk as questions are asked: what is told does not overtake a question that was asked before.
template <class... Arguments>
void runtime_core::tell(Arguments&&... arguments) {
    std::shared_lock open{gate_};
    if (!supervisor_)
        return;
    auto put = [supervisor = supervisor_,
                arguments = std::make_tuple(std::forward<Arguments>(arguments)...)]() mutable {
        auto send = [&](auto&... argument) {
            caf_compat::send_anonymously(supervisor, std::move(argument)...);
        };
        std::apply(send, arguments);
    };
    caf_compat::send_anonymously(desk_, continuation::of(std::move(put)));
}

template <class Answer, class Value, class Convert, class... Arguments>
std::future<Value> runtime_core::ask_async(Convert convert, Arguments&&... arguments) {
    throw_if_forked();
    auto promise = std::make_shared<std::promise<Value>>();
    auto future = promise->get_future();
    begin<Answer>([promise, convert = std::move(convert)](
                      outcome<Answer> answer) { fulfil(*promise, std::move(answer), convert); },
                  std::forward<Arguments>(arguments)...);
    return future;
}

template <class Answer, class... Arguments>
Answer runtime_core::ask(Arguments&&... arguments) {
    throw_if_forked();
    std::promise<outcome<Answer>> promise;
    auto future = promise.get_future();
    begin<Answer>([&promise](outcome<Answer> answer) { promise.set_value(std::move(answer)); },
                  std::forward<Arguments>(arguments)...);
    auto answer = future.get();
    if (!answer)
        throw_as_exception(answer.error());
    if constexpr (!std::is_void_v<Answer>)
        return std::move(*answer);
}

} // namespace gestvenv
