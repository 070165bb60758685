// SPDX-License-Identifier: MIT
// From answers that come later to what a host program waits for: futures, values and exceptions.
#pragma once

#include "messages/outcome.hpp"

#include <gestvenv/exceptions.hpp>

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace gestvenv {

/// While this lives, its thread answers a question of the host's, and must not wait for the answer to
/// another.
class answering_scope {
public:
    answering_scope() noexcept { answering = true; }
    answering_scope(const answering_scope&) = delete;
    answering_scope& operator=(const answering_scope&) = delete;
    ~answering_scope() { answering = false; }

    static bool active() noexcept { return answering; }

private:
    static thread_local bool answering;
};

/// For answers that need no conversion.
struct as_it_is {
    template <class T>
    T operator()(T value) const {
        return value;
    }
};

/// Puts into the promise what `convert` makes of an answer, or the exception that stands for its error.
template <class Value, class Answer, class Convert>
void fulfil(std::promise<Value>& promise, outcome<Answer> answer, const Convert& convert) {
    try {
        if (!answer)
            throw_as_exception(answer.error());
        if constexpr (std::is_void_v<Value>)
            promise.set_value();
        else
            promise.set_value(convert(std::move(*answer)));
    } catch (...) { // whatever it is belongs to the one who holds the future
        promise.set_exception(std::current_exception());
    }
}

/// Calls `ask` with the function that takes the answer. The future holds what `convert` makes of the answer.
template <class Answer, class Ask, class Convert = as_it_is>
auto future_answer(const Ask& ask, Convert convert = {}) {
    using value = std::invoke_result_t<const Convert&, Answer>;
    auto promise = std::make_shared<std::promise<value>>();
    auto future = promise->get_future();
    ask([promise, convert = std::move(convert)](outcome<Answer> answer) {
        fulfil(*promise, std::move(answer), convert);
    });
    return future;
}

/// The same, and waits for the answer; throws its error as an exception.
template <class Answer, class Ask>
Answer wait_for_answer(const Ask& ask) {
    auto promise = std::make_shared<std::promise<outcome<Answer>>>();
    auto future = promise->get_future();
    ask([promise](outcome<Answer> answer) { promise->set_value(std::move(answer)); });
    auto answer = future.get();
    if (!answer)
        throw_as_exception(answer.error());
    if constexpr (!std::is_void_v<Answer>)
        return std::move(*answer);
}

} // namespace gestvenv
