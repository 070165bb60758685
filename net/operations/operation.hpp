// SPDX-License-Identifier: MIT
// One operation as an actor: it asks the supervisor, and ends with what came of it. When its client's connection ends
// first, it is cancelled.
#pragma once

#include "net/operations/actors.hpp"

#include <caf/actor_system.hpp>

#include <memory>

namespace gestvenv {

struct services;
class command_link;

class operation_state {
public:
    using pointer = operation_actor::pointer;

    operation_state(pointer self, std::shared_ptr<const services> shared, operations_actor list,
                    operation_info begun, operation_request request);
    operation_state(const operation_state&) = delete;
    operation_state& operator=(const operation_state&) = delete;
    /// Answers who waits, also where this ends before its work does.
    ~operation_state();
    operation_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.operation";

private:
    void begin();
    void execute(command_spec command);
    void end(operation_status status);
    void fail(const error& problem);
    outcome<void> cancel();
    void lose_client();

    pointer self_;
    std::shared_ptr<const services> shared_;
    operations_actor list_;
    operation_info info_;
    operation_request request_;
    std::shared_ptr<command_link> link_;
    bool cancelled_ = false;
    /// By its end, and no request.
    bool client_lost_ = false;
};

operation_actor spawn_operation(caf::actor_system& system, std::shared_ptr<const services> shared,
                                operations_actor list, operation_info begun, operation_request request);

} // namespace gestvenv
