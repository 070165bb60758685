// SPDX-License-Identifier: MIT
#include "tests/support/deterministic_system.hpp"

#include "messages/caf/types.hpp"

#if CAF_MAJOR_VERSION >= 1
#include <caf/log/level.hpp>
#include <caf/test/context.hpp>
#include <caf/test/reporter.hpp>
#endif

namespace gestvenv::test {

#if CAF_MAJOR_VERSION >= 1

struct deterministic_system::fixture : caf::test::fixture::deterministic {
    /// The fixture makes a system with a configuration of CAF's own; a system with ours takes its place.
    explicit fixture(runtime_system_config& config) {
        std::destroy_at(&sys);
        std::construct_at(&sys, config, this);
    }
};

deterministic_system::deterministic_system() {
    announce_types();
    // The fixture reports, and logs, through CAF's own test framework: that needs somewhere to report to, and
    // a test.
    static auto quiet = caf::test::reporter::make_default();
    quiet->verbosity(caf::log::level::quiet);
    quiet->begin_test(std::make_shared<caf::test::context>(), "gestvenv");
    caf::test::reporter::instance(quiet.get());
    config_.letters = letters;
    fixture_ = std::make_unique<fixture>(config_);
}

deterministic_system::~deterministic_system() {
    run();
    // Its own end drops what is not delivered and waits for every actor: those that are still waited for by a
    // timeout are ended before it.
    config_.living->kill();
    run();
}

caf::actor_system& deterministic_system::operator*() noexcept {
    return fixture_->sys;
}

void deterministic_system::run() {
    fixture_->dispatch_messages();
}

void deterministic_system::advance(std::chrono::nanoseconds duration) {
    // The fixture has the current test of CAF's own framework fail where no time passes, and there is none.
    if (duration.count() > 0)
        fixture_->advance_time(duration);
    fixture_->dispatch_messages();
}

#else

namespace {

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

} // namespace

deterministic_system::deterministic_system() {
    announce_types();
    config_.set("caf.scheduler.policy", "testing");
    config_.letters = letters;
    system_ = std::make_unique<caf::actor_system>(config_);
}

deterministic_system::~deterministic_system() {
    run();
    // Actors that are still waited for by a timeout would hold up the end: their time is over.
    coordinator(*system_).clock().schedule.clear();
    run();
}

caf::actor_system& deterministic_system::operator*() noexcept {
    return *system_;
}

void deterministic_system::run() {
    coordinator(*system_).run();
}

void deterministic_system::advance(std::chrono::nanoseconds duration) {
    coordinator(*system_).advance_time(duration);
    run();
}

#endif

} // namespace gestvenv::test
