// SPDX-License-Identifier: MIT
#include "actors/interpreters.hpp"

#include "messages/caf/error.hpp"
#include "system/python/interpreter_probe.hpp"
#include "system/random_identifier.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace gestvenv {

namespace {

constexpr std::int64_t scratch_size = 64 << 20;
constexpr std::int64_t probe_output_limit = 4 << 20;

} // namespace

interpreters_state::interpreters_state(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)),
      cache_(python::default_interpreter_cache_folder(shared_->search)) {}

interpreters_actor::behavior_type interpreters_state::make_behavior() {
    end_on_exception(self_);
    look_ahead();
    return {[this](resolve_atom, const std::string& wanted) -> caf::result<interpreter_choice> {
                auto done = self_->make_response_promise<interpreter_choice>();
                resolve(wanted, [done](outcome<interpreter_choice> choice) mutable {
                    if (choice)
                        done.deliver(std::move(*choice));
                    else
                        done.deliver(to_caf_error(choice.error()));
                });
                return done;
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

// What will most likely be asked for is read while the runtime still starts.
void interpreters_state::look_ahead() {
    auto preferred = python::preferred_interpreter({}, shared_->search);
    if (!preferred)
        return;
    auto key = python::key_of(preferred->executable);
    if (!key)
        return; // each request for it gets the error
    if (auto cached = cache_.load(*key))
        remember(*key, std::move(*cached));
}

void interpreters_state::resolve(const std::string& wanted, found done) {
    // An interpreter that was replaced since is searched for again.
    if (auto before = shared_->known->find(wanted))
        return done(std::move(*before));
    auto work = std::make_shared<search>();
    if (!wanted.empty())
        work->request.wanted = wanted;
    work->request.default_version = shared_->config()->default_python_version;
    if (auto preferred = python::preferred_interpreter(work->request, shared_->search)) {
        work->candidates = {std::move(*preferred)};
        work->preferred_alone = true;
    } else if (auto all = find_all(*work); !all) {
        return done(failure(all.error()));
    }
    work->done = [this, wanted, done = std::move(done)](outcome<interpreter_choice> choice) {
        if (choice)
            if (auto key = python::key_of(choice->interpreter->executable))
                if (auto known = known_.find(key->path); known != known_.end())
                    shared_->known->remember(wanted, known->second.key, known->second.choice);
        done(std::move(choice));
    };
    next(work);
}

outcome<void> interpreters_state::find_all(search& work) const {
    auto all = python::find_interpreters(work.request, shared_->search);
    if (!all)
        return failure(all.error());
    work.candidates = std::move(*all);
    return {};
}

// Nothing else had been looked for so far.
void interpreters_state::go_on_without_the_preferred(const std::shared_ptr<search>& work) {
    work->preferred_alone = false;
    auto tried = std::move(work->candidates.front());
    if (auto all = find_all(*work); !all)
        return work->done(failure(all.error()));
    for (auto& candidate : work->candidates)
        if (candidate.executable == tried.executable)
            candidate = tried;
    next(work);
}

void interpreters_state::next(const std::shared_ptr<search>& work) {
    auto choice = python::choose_interpreter(work->request, work->candidates);
    if (!choice && work->preferred_alone)
        return go_on_without_the_preferred(work);
    if (!choice)
        return work->done(failure(choice.error()));
    auto index = choice->candidate;
    bool settled = choice->settled;
    examine(
        work->candidates[index].executable, [this, work, index, settled](outcome<interpreter_choice> answer) {
            // The only candidate's own trouble says more than "none was found".
            if ((settled && answer) || (!answer && work->candidates.size() == 1 && !work->preferred_alone))
                return work->done(std::move(answer));
            if (answer)
                work->candidates[index].version = answer->interpreter->version;
            else
                work->candidates[index].unusable = true;
            next(work);
        });
}

void interpreters_state::examine(const std::filesystem::path& executable, found done) {
    auto key = python::key_of(executable);
    if (!key)
        return done(failure(key.error()));
    if (auto known = known_.find(executable); known != known_.end() && known->second.key == *key)
        return done(known->second.choice);
    if (auto cached = cache_.load(*key))
        return done(remember(*key, std::move(*cached)));
    probe(executable, *key, std::move(done));
}

interpreter_choice interpreters_state::remember(const python::interpreter_key& key,
                                                python::interpreter value) {
    interpreter_choice choice{std::make_shared<const python::interpreter>(std::move(value)), next_layout_++};
    shared_->machine->set_layout(choice.layout_number, choice.interpreter->layout);
    known_.insert_or_assign(key.path, known_interpreter{key, choice});
    // The interpreter may name itself by another path than the one it was found at.
    if (choice.interpreter->executable != key.path)
        if (auto own = python::key_of(choice.interpreter->executable))
            known_.insert_or_assign(own->path, known_interpreter{*own, choice});
    return choice;
}

// A scratch environment like any other: journaled, confined, torn down with a receipt.
void interpreters_state::probe(const std::filesystem::path& executable, const python::interpreter_key& key,
                               found done) {
    auto& waiting = probing_[executable];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1)
        return;
    auto scratch = random_identifier();
    auto answer_all = [this, executable, key](outcome<python::interpreter> result) {
        auto everybody = std::exchange(probing_[executable], {});
        probing_.erase(executable);
        outcome<interpreter_choice> choice = failure(error{});
        if (result) {
            // A cache that cannot be written costs the next start a probe, and nothing now.
            (void)cache_.store(key, *result);
            choice = remember(key, std::move(*result));
        } else {
            choice = failure(result.error());
        }
        for (auto& item : everybody)
            item(choice);
    };
    auto end_scratch = [this, scratch, answer_all](outcome<python::interpreter> result) {
        auto finish = [answer_all, result = std::move(result)](auto&) mutable {
            answer_all(std::move(result));
        };
        // A teardown that leaves something is the reaper's to finish; the answer does not depend on it.
        caf_compat::request(self_, shared_->reaper(), deadlines::teardown, tear_down_atom_v, scratch,
                            std::string{"interpreter probe"}, cleanup_reason::requested, caf::timespan{0})
            .then([finish](teardown_receipt& receipt) mutable { finish(receipt); },
                  [finish](caf::error& reason) mutable { finish(reason); });
    };
    storage_request request;
    request.environment_id = scratch;
    request.name = "interpreter-probe";
    request.storage = shared_->config()->storage_backend;
    request.size = scratch_size;
    request.scratch = true;
    // That it is written down is answered for by what is acquired.
    caf_compat::request(self_, shared_->reaper(), deadlines::step, intend_atom_v, request)
        .then([] {}, [](const caf::error&) {});
    // A reaper that crashes over it never answers.
    auto answered = std::make_shared<bool>(false);
    auto patience = self_->run_delayed(deadlines::step, [answered, end_scratch] {
        if (!std::exchange(*answered, true))
            end_scratch(failure(error_code::deadline_exceeded,
                                "there was no storage in time for looking at an interpreter", "try again"));
    });
    storage_receiver receiver{resume(self_, [this, scratch, executable, end_scratch, answered,
                                             patience](outcome<storage_made> storage) mutable {
        patience.dispose();
        if (std::exchange(*answered, true))
            return; // too late: it is being torn down
        if (!storage)
            return end_scratch(failure(storage.error()));
        caf_compat::request(self_, shared_->reaper(), deadlines::step, keeper_atom_v, scratch,
                            resource_limits{}, false)
            .then([this, scratch, storage = *storage, executable,
                   end_scratch](containment) { run_probe(scratch, storage, executable, end_scratch); },
                  [end_scratch](const caf::error& reason) { end_scratch(failure(from_caf_error(reason))); });
    })};
    caf_compat::send_anonymously(shared_->reaper(), acquire_atom_v, std::move(request), std::move(receiver));
}

void interpreters_state::run_probe(const std::string& scratch, const storage_made& storage,
                                   const std::filesystem::path& executable,
                                   std::function<void(outcome<python::interpreter>)> done) {
    auto command = python::probe_command(executable);
    process_request request;
    request.program.command = 1;
    request.program.arguments = std::move(command.arguments);
    request.program.variables = std::move(command.variables);
    request.program.working_directory = storage.storage_path + "/work";
    request.memory_limit = request.output_limit = probe_output_limit;
    request.host_path = storage.host_path;
    auto timeout =
        self_->run_delayed(python::probe_deadline, [this, scratch] { shared_->machine->kill(scratch, 1); });
    shared_->machine->run(scratch, std::move(request),
                          resume(self_, [executable, timeout,
                                         done = std::move(done)](outcome<operation_result> result) mutable {
                              timeout.dispose();
                              if (!result)
                                  return done(failure(result.error()));
                              done(python::parse_probe(executable, result->stdout_text, result->stderr_text));
                          }));
}

interpreters_actor spawn_interpreters(caf::actor_system& system, std::shared_ptr<const services> shared,
                                      bool own_thread) {
    using actor = interpreters_actor::stateful_impl<interpreters_state>;
    if (own_thread)
        return system.spawn<actor, caf::detached>(std::move(shared));
    return system.spawn<actor>(std::move(shared));
}

} // namespace gestvenv
