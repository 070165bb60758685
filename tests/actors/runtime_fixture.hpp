// SPDX-License-Identifier: MIT
// All actors of a runtime on a virtual clock, above a machine that fails on demand.
#pragma once

#include "actors/services.hpp"
#include "messages/caf/compat.hpp"
#include "messages/caf/error.hpp"
#include "messages/outcome.hpp"
#include "system/journal/journal.hpp"
#include "system/random_identifier.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/scripted_machine.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <caf/event_based_actor.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gestvenv::test {

/// The answer to one request, once it has come.
template <class T>
using answer_slot = std::shared_ptr<std::optional<outcome<T>>>;

class runtime_fixture {
public:
    /// Services named in `absent` fail to start, as long as they are.
    explicit runtime_fixture(runtime_config config = {}, std::set<std::string> absent = {});
    runtime_fixture(const runtime_fixture&) = delete;
    runtime_fixture& operator=(const runtime_fixture&) = delete;
    ~runtime_fixture();

    /// Asks the supervisor without running anything.
    template <class T, class... Arguments>
    answer_slot<T> begin(Arguments... arguments) {
        auto slot = std::make_shared<std::optional<outcome<T>>>();
        (*system).spawn([slot, receiver = supervisor, all = std::make_tuple(std::move(arguments)...)](
                            caf::event_based_actor* self) mutable {
            auto request = [&](auto&... argument) {
                auto asked = caf_compat::request(self, receiver, caf::infinite, std::move(argument)...);
                auto refused = [slot](const caf::error& reason) {
                    slot->emplace(failure(from_caf_error(reason)));
                };
                if constexpr (std::is_void_v<T>)
                    std::move(asked).then([slot] { slot->emplace(); }, refused);
                else
                    std::move(asked).then([slot](T& value) { slot->emplace(std::move(value)); }, refused);
            };
            std::apply(request, all);
        });
        return slot;
    }

    /// Asks and runs until all is quiet; an answer that has not come by then fails the test.
    template <class T, class... Arguments>
    outcome<T> ask(Arguments... arguments) {
        auto slot = begin<T>(std::move(arguments)...);
        system.run();
        REQUIRE(slot->has_value());
        return **slot;
    }

    outcome<environment_info> create(environment_spec spec = {}) {
        return ask<environment_info>(create_atom_v, random_identifier(), std::move(spec));
    }
    answer_slot<environment_info> begin_creation(environment_spec spec = {}) {
        return begin<environment_info>(create_atom_v, random_identifier(), std::move(spec));
    }
    std::vector<environment_info> list() { return *ask<std::vector<environment_info>>(list_atom_v); }

    scripted_machine machine;
    deterministic_system system;
    temporary_folder folder;
    std::shared_ptr<services> shared;
    std::shared_ptr<journal> records;
    supervisor_actor supervisor;
    service_supervisor_actor service_supervisor;
    std::set<std::string> absent;
};

inline runtime_config at_most(int environments) {
    runtime_config config;
    config.max_concurrent = environments;
    return config;
}

/// One that succeeds at once.
inline command_spec command() {
    command_spec spec;
    spec.arguments = {"true"};
    return spec;
}

} // namespace gestvenv::test
