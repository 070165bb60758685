// SPDX-License-Identifier: MIT
// The list of operations: starts each as an actor of its own and keeps what came of those that have ended, as many as
// the bounds allow.
#pragma once

#include "net/operations/actors.hpp"

#include <caf/actor_system.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace gestvenv {

struct services;

class operations_state {
public:
    /// Operations under way; further ones are refused.
    static constexpr std::size_t most_running = 10'000;
    /// Those that have ended, and bytes of captured output in them together: the oldest go first.
    static constexpr std::size_t most_ended = 1'000;
    static constexpr std::size_t most_ended_bytes = std::size_t{32} << 20;

    using pointer = operations_actor::pointer;

    operations_state(pointer self, std::shared_ptr<const services> shared);
    operations_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.operations";

private:
    struct entry {
        operation_actor actor;
        listed_operation listed;
        std::size_t bytes = 0;
    };

    caf::result<operation_info> start(operation_request request);
    void ended(operation_info info);
    void forget_oldest();

    pointer self_;
    std::shared_ptr<const services> shared_;
    std::map<std::string, entry> entries_;
    /// Ids of those that run, and of those that have ended; in order.
    std::size_t running_ = 0;
    std::deque<std::string> order_of_ends_;
    std::size_t ended_bytes_ = 0;
};

operations_actor spawn_operations(caf::actor_system& system, std::shared_ptr<const services> shared);

} // namespace gestvenv
