// SPDX-License-Identifier: MIT
// An actor system whose scheduler and clock belong to the test: nothing runs but what `run` runs, no time
// passes but what `advance` lets pass.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/config.hpp>

#include <chrono>
#include <memory>

#if CAF_MAJOR_VERSION >= 1
#include <caf/test/fixture/deterministic.hpp>
#else
#include <caf/scheduler/test_coordinator.hpp>
#endif

namespace gestvenv::test {

class deterministic_system {
public:
    deterministic_system();
    deterministic_system(const deterministic_system&) = delete;
    deterministic_system& operator=(const deterministic_system&) = delete;
    ~deterministic_system();

    caf::actor_system& operator*() noexcept;
    /// Handles messages until there are none.
    void run();
    /// Lets time pass, in one step, and handles what comes of it.
    void advance(std::chrono::nanoseconds duration);
    /// Where answers that come too late are counted.
    std::shared_ptr<dead_letters> letters = std::make_shared<dead_letters>();

private:
    runtime_system_config config_;
#if CAF_MAJOR_VERSION >= 1
    struct fixture;
    std::unique_ptr<fixture> fixture_;
#else
    std::unique_ptr<caf::actor_system> system_;
#endif
};

} // namespace gestvenv::test
