// Looking at an interpreter for the first time, in a scratch environment, while what it needs fails.
#include "actors/interpreters.hpp"
#include "tests/actors/runtime_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace gestvenv;
using namespace std::chrono_literals;
using test::runtime_fixture;

namespace {

// An interpreter that is not known yet, and the real actor that looks at it.
struct looking : runtime_fixture {
    interpreters_actor actor;
    std::filesystem::path python = folder.path() / "python3.12";

    looking() {
        std::ofstream{python} << "#!/bin/sh\n";
        std::filesystem::permissions(python, std::filesystem::perms::owner_all);
        shared->search.home = folder.path();
        actor = spawn_interpreters(*system, shared, false);
        system.run();
    }
    ~looking() {
        caf::anon_send_exit(actor, caf::exit_reason::kill);
        actor = interpreters_actor{};
    }

    test::answer_slot<interpreter_choice> resolve() {
        auto slot = std::make_shared<std::optional<outcome<interpreter_choice>>>();
        (*system).spawn([slot, to = actor, wanted = python.string()](caf::event_based_actor* self) {
            caf_compat::request(self, to, caf::infinite, resolve_atom_v, wanted)
                .then([slot](interpreter_choice& choice) { slot->emplace(std::move(choice)); },
                      [slot](const caf::error& reason) { slot->emplace(failure(from_caf_error(reason))); });
        });
        system.run();
        return slot;
    }

    auto creations() const { return std::count(machine.log.begin(), machine.log.end(), "create"); }
};

} // namespace

TEST_CASE("a look at an interpreter that the reaper dies under fails in time, and can be tried again") {
    looking f;
    caf::anon_send_exit(caf::actor_cast<caf::actor>(f.shared->reaper()), caf::exit_reason::kill);
    auto first = f.resolve(); // asks the reaper that is about to end, or has ended
    for (int second = 0; second < 100 && !first->has_value(); ++second)
        f.system.advance(1s);
    REQUIRE(first->has_value());
    CHECK_FALSE(first->value());
    const auto before = f.creations();
    auto again = f.resolve();
    CHECK(f.creations() == before + 1);
}
