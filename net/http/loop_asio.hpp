// SPDX-License-Identifier: MIT
// What of the loop only files that include Asio see.
#pragma once

#include "net/http/loop.hpp"

// asio/awaitable.hpp of Boost 1.74 forgets it.
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <mutex>
#include <vector>

namespace gestvenv::http {

struct loop::implementation {
    // One thread runs it: a hint that spares locks, not safety.
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::mutex guard;
    std::vector<std::function<void()>> posted;
    bool closed = false;
};

} // namespace gestvenv::http
