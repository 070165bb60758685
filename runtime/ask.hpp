// Questions to the supervisor from threads that are no actors.
#pragma once

#include "messages/caf_compat.hpp"
#include "messages/caf_error.hpp"
#include "messages/continuation.hpp"
#include "runtime/runtime_core.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <future>
#include <memory>
#include <tuple>
#include <utility>

namespace gestvenv {

/// Hands the answer to `done` exactly once: when nobody answers, as at the end of the runtime, it says so.
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
        if (auto done = std::exchange(done_, nullptr))
            done(std::move(value));
    }

private:
    std::function<void(outcome<Answer>)> done_;
};

template <class Answer, class... Arguments>
void runtime_core::begin(std::function<void(outcome<Answer>)> done, Arguments&&... arguments) {
    auto question = std::make_shared<open_question<Answer>>(std::move(done));
    std::shared_lock open{gate_};
    if (!supervisor_)
        return;
    // The front desk asks in the thread's place; it runs this itself, so its pointer is good.
    auto* desk = caf::actor_cast<caf::event_based_actor*>(desk_);
    auto put = [desk, question, supervisor = supervisor_,
                arguments = std::make_tuple(std::forward<Arguments>(arguments)...)]() mutable {
        auto request = [&](auto&... argument) {
            caf_compat::request(desk, supervisor, caf::infinite, std::move(argument)...)
                .then([question](Answer& answer) { question->answer(std::move(answer)); },
                      [question](const caf::error& reason) {
                          question->answer(failure(from_caf_error(reason)));
                      });
        };
        std::apply(request, arguments);
    };
    caf_compat::send_anonymously(desk_, continuation::of(std::move(put)));
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
    return std::move(*answer);
}

} // namespace gestvenv
