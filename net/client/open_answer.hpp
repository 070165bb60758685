// SPDX-License-Identifier: MIT
// The answer to a question that a client asks, while it is open.
#pragma once

#include "messages/outcome.hpp"
#include "runtime/answers.hpp"

#include <functional>
#include <utility>

namespace gestvenv {

/// What is left unanswered at the client's end is answered with this.
inline error client_ended() {
    return {error_code::shutting_down, "the client of the node has ended", {}, {}};
}

/// Answered exactly once: also where what should answer is dropped at the end.
template <class T>
class open_answer {
public:
    explicit open_answer(std::function<void(outcome<T>)> done) : done_(std::move(done)) {}
    open_answer(const open_answer&) = delete;
    open_answer& operator=(const open_answer&) = delete;
    ~open_answer() { give(failure(client_ended())); }

    void give(outcome<T> value) {
        answering_scope scope;
        if (auto done = std::exchange(done_, nullptr))
            done(std::move(value));
    }

private:
    std::function<void(outcome<T>)> done_;
};

} // namespace gestvenv
