#include "tests/actors/runtime_fixture.hpp"

#include "actors/cleanup_scheduler.hpp"
#include "actors/installer.hpp"
#include "actors/reaper.hpp"
#include "actors/supervisor.hpp"
#include "system/python/interpreter.hpp"

#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace gestvenv::test {

namespace {

// Knows one interpreter, which it never looks for.
interpreters_actor::behavior_type one_interpreter() {
    return {
        [](resolve_atom, const std::string& wanted) -> caf::result<interpreter_choice> {
            if (wanted == "9.9")
                return to_caf_error({error_code::interpreter_not_found, "there is no Python 9.9", {}, {}});
            auto known = std::make_shared<python::interpreter>();
            known->version_text = "3.12.1";
            return interpreter_choice{known, 1};
        },
        [](const continuation& next) -> caf::result<void> {
            next.run();
            return {};
        }};
}

} // namespace

runtime_fixture::runtime_fixture(runtime_config config) : shared(std::make_shared<services>()) {
    shared->host = &machine;
    shared->config = std::move(config);
    shared->owner = "test";
    auto records = journal::open(folder.path());
    REQUIRE(records);
    supervisor = spawn_supervisor(*system, shared);
    shared->reaper = spawn_reaper(*system, shared, std::make_shared<journal>(std::move(*records)), false);
    shared->interpreters = (*system).spawn(one_interpreter);
    shared->installer = spawn_installer(*system, shared);
    shared->scheduler = spawn_cleanup_scheduler(*system, supervisor);
    caf_compat::send_anonymously(shared->reaper, schedule_atom_v, supervisor);
    system.run();
}

runtime_fixture::~runtime_fixture() {
    // Answers that never came hold on to the actors that wait for them.
    machine.held_creations.clear();
    machine.running.clear();
    auto end = [](auto& handle) {
        caf::anon_send_exit(handle, caf::exit_reason::kill);
        handle = std::decay_t<decltype(handle)>{};
    };
    end(shared->scheduler);
    end(shared->installer);
    end(shared->interpreters);
    end(supervisor);
    end(shared->reaper);
    shared.reset();
    system.run();
}

} // namespace gestvenv::test
