// SPDX-License-Identifier: MIT
// Answers that are kept for a request that is sent again (`Idempotency-Key`): a client whose connection broke does not
// make a second environment.
#pragma once

#include "net/http/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gestvenv::rest {

/// Thread-safe.
class idempotency {
public:
    static constexpr std::chrono::hours kept_for{1};
    static constexpr std::size_t most_keys = 10'000;
    static constexpr std::size_t longest_key = 255;
    static constexpr std::size_t largest_answer = std::size_t{1} << 20;
    static constexpr std::size_t most_bytes = std::size_t{64} << 20;

    idempotency();
    ~idempotency();
    idempotency(const idempotency&) = delete;
    idempotency& operator=(const idempotency&) = delete;

    /// The exchange to handle in place of this one, which keeps its answer; null: this one has been answered, or will
    /// be together with the first of that key, or is refused (request_conflict) since it is another request.
    std::shared_ptr<http::exchange> begin(const std::string& principal,
                                          const std::shared_ptr<http::exchange>& what);

private:
    struct table;
    std::shared_ptr<table> table_;
};

} // namespace gestvenv::rest
