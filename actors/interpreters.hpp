// SPDX-License-Identifier: MIT
// Finds interpreters and records their layouts: once per interpreter by a probe in a scratch environment,
// from then on out of a cache. Runs on a thread of its own because it reads folders.
#pragma once

#include "actors/services.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/interpreter_cache.hpp"
#include "system/python/interpreter_search.hpp"

#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gestvenv {

class interpreters_state {
public:
    using pointer = interpreters_actor::pointer;

    interpreters_state(pointer self, std::shared_ptr<const services> shared);
    interpreters_actor::behavior_type make_behavior();

    static inline const char* name = "gestvenv.interpreters";

private:
    using found = std::function<void(outcome<interpreter_choice>)>;

    /// One request on its way through the candidates.
    struct search {
        python::interpreter_request request;
        std::vector<python::interpreter_candidate> candidates;
        /// The one candidate is the preferred one, and no other has been looked for.
        bool preferred_alone = false;
        found done;
    };
    struct known_interpreter {
        python::interpreter_key key;
        interpreter_choice choice;
    };

    void look_ahead();
    void resolve(const std::string& wanted, found done);
    outcome<void> find_all(search& work) const;
    void next(const std::shared_ptr<search>& work);
    void go_on_without_the_preferred(const std::shared_ptr<search>& work);
    void examine(const std::filesystem::path& executable, found done);
    void probe(const std::filesystem::path& executable, const python::interpreter_key& key, found done);
    void run_probe(const std::string& scratch, const storage_made& storage,
                   const std::filesystem::path& executable,
                   std::function<void(outcome<python::interpreter>)> done);
    interpreter_choice remember(const python::interpreter_key& key, python::interpreter value);

    pointer self_;
    std::shared_ptr<const services> shared_;
    python::interpreter_cache cache_;
    std::map<std::filesystem::path, known_interpreter> known_;
    std::map<std::filesystem::path, std::vector<found>> probing_;
    std::uint64_t next_layout_ = 1;
};

/// `own_thread` false only in tests, where one thread runs everything.
interpreters_actor spawn_interpreters(caf::actor_system& system, std::shared_ptr<const services> shared,
                                      bool own_thread = true);

} // namespace gestvenv
