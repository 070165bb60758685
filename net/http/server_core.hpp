// SPDX-License-Identifier: MIT
// What the connections of a server share. Of the server's thread, but for the counts.
#pragma once

#include "net/http/limits.hpp"
#include "net/http/loop.hpp"
#include "net/http/server.hpp"

#include <atomic>
#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gestvenv::http {

class connection;

struct server_core {
    server_core(handler& handling, limits given) : handles(handling), bounds(given) {}

    handler& handles;
    const limits bounds;
    std::shared_ptr<loop> events = std::make_shared<loop>();
    std::unordered_set<std::shared_ptr<connection>> living;
    /// Of those that were too many, and hear so.
    std::size_t refused = 0;
    bool draining = false;
    std::function<void()> when_empty;
    /// What is read goes through here first, so that an idle connection has no buffer.
    std::vector<char> scratch = std::vector<char>(64 << 10);
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::size_t> streams{0};

    /// The present time as HTTP writes it.
    const std::string& date();
    /// Forgets a connection that has closed.
    void ended(const std::shared_ptr<connection>& which);

private:
    std::time_t dated_ = -1;
    std::string date_;
};

} // namespace gestvenv::http
