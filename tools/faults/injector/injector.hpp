// SPDX-License-Identifier: MIT
// The other end of messages/fault_point.hpp: carries out the plan that lies beside the running program.
#pragma once

#include <stdexcept>
#include <string>

namespace gestvenv::faults {

/// What is thrown where the plan says so.
struct injected_exception : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Ends an actor, as far as there is one: the runtime's programs do it, the launcher has none.
struct actor_pair {
    void (*kill)(void* actor) = nullptr;
    void* sender = nullptr;
    void* receiver = nullptr;
};

struct fault_plan;

/// The plan beside this program; null where there is none.
fault_plan* the_plan();

/// A step was met. Without a plan beside the program this does nothing.
void meet(const char* step, const actor_pair& actors = {});

} // namespace gestvenv::faults
