// SPDX-License-Identifier: MIT
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

    test::answer_slot<interpreter_choice> resolve() { return resolve(python.string()); }

    test::answer_slot<interpreter_choice> resolve(const std::string& request) {
        auto slot = std::make_shared<std::optional<outcome<interpreter_choice>>>();
        (*system).spawn([slot, to = actor, wanted = request](caf::event_based_actor* self) {
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

TEST_CASE("where the preferred interpreter cannot be used the others are tried, and it is not tried again") {
    looking f;
    auto write_interpreter = [&f](const std::string& name) {
        auto path = f.folder.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path} << "\x7f"
                               "ELF";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    };
    f.shared->search.preferred_python = write_interpreter("preferred/python3.11");
    write_interpreter("other/python3.12");
    f.shared->search.system_folders = {f.folder.path() / "preferred", f.folder.path() / "other"};
    f.machine.fail_create = error{error_code::system_failure, "no storage", {}, {}};
    auto answer = f.resolve("");
    for (int second = 0; second < 100 && !answer->has_value(); ++second)
        f.system.advance(1s);
    REQUIRE(answer->has_value());
    REQUIRE_FALSE(answer->value());
    CHECK(answer->value().error().hint.find("--python") != std::string::npos);
    CHECK(f.creations() == 2);
}
