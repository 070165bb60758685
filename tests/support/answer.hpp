// SPDX-License-Identifier: MIT
// Waits for the answer of an asynchronous call, with a deadline so that a lost answer is a failure, not a
// hang.
#pragma once

#include "messages/outcome.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace gestvenv::test {

inline constexpr std::chrono::seconds answer_limit{30};

/// `auto result = answer<protocol::created>([&](auto done) { machine.create(request, done); });`
template <class T, class Call>
outcome<T> answer(Call call) {
    auto promise = std::make_shared<std::promise<outcome<T>>>();
    auto future = promise->get_future();
    call([promise](outcome<T> value) { promise->set_value(std::move(value)); });
    if (future.wait_for(answer_limit) != std::future_status::ready)
        return failure(error_code::deadline_exceeded, "no answer came in time");
    return future.get();
}

} // namespace gestvenv::test
