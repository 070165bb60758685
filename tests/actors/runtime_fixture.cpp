// SPDX-License-Identifier: MIT
#include "tests/actors/runtime_fixture.hpp"

#include "actors/all_services.hpp"
#include "actors/supervisor.hpp"
#include "system/python/interpreter.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <stdexcept>
#include <utility>

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

runtime_fixture::runtime_fixture(runtime_config config, std::set<std::string> missing)
    : shared(std::make_shared<services>()), absent(std::move(missing)) {
    shared->machine = &machine;
    shared->dead = system.letters;
    shared->config.set(std::make_shared<const runtime_config>(std::move(config)));
    shared->owner = "test";
    auto opened = journal::open(folder.path());
    REQUIRE(opened);
    records = std::make_shared<journal>(std::move(*opened));
    shared->supervisor = supervisor = spawn_supervisor(*system, shared);
    auto all = all_services(*system, shared, records, false);
    for (auto& item : all)
        if (item.specification.name == "interpreters")
            item.start = [this] {
                auto one = (*system).spawn(one_interpreter);
                shared->interpreters.set(one);
                return caf::actor_cast<caf::actor>(one);
            };
    for (auto& item : all)
        item.start = [this, start = item.start, service = item.specification.name] {
            if (absent.contains(service))
                throw std::runtime_error{"it cannot be started"};
            return start();
        };
    service_supervisor = spawn_service_supervisor(*system, {}, std::move(all), tell_supervisor(shared));
    system.run();
}

runtime_fixture::~runtime_fixture() {
    // Answers that never came hold on to the actors that wait for them.
    machine.held_creations.clear();
    machine.running.clear();
    caf_compat::send_anonymously(service_supervisor, shutdown_atom_v);
    system.run();
    caf::anon_send_exit(service_supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    service_supervisor = service_supervisor_actor{};
    supervisor = supervisor_actor{};
    shared.reset();
    records.reset();
    system.run();
}

} // namespace gestvenv::test
