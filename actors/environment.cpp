// SPDX-License-Identifier: MIT
#include "actors/environment.hpp"

#include "actors/package_requests.hpp"
#include "messages/caf/error.hpp"
#include "messages/validation.hpp"
#include "system/python/interpreter.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

namespace gestvenv {

environment_info first_info(std::string id, const resolved_specification& spec) {
    environment_info info;
    info.id = std::move(id);
    info.name = spec.asked.name;
    info.package_backend = spec.package_backend;
    info.resource_limits = spec.asked.resource_limits;
    info.isolation = spec.isolation;
    info.security = spec.security;
    info.storage = spec.storage;
    info.tags = spec.asked.tags;
    info.created_at = info.last_activity = std::chrono::system_clock::now();
    return info;
}

environment_state::environment_state(pointer self, std::shared_ptr<const services> shared,
                                     resolved_specification spec, std::shared_ptr<shared_info> info)
    : self_(self), shared_(std::move(shared)), spec_(std::move(spec)), info_(std::move(info)) {}

outcome<void> environment_state::go(environment_status next) {
    auto gone = state_.go(next);
    if (gone)
        info_->change([next](environment_info& info) { info.status = next; });
    return gone;
}

environment_actor::behavior_type environment_state::make_behavior() {
    end_on_exception(self_);
    return {[this](create_atom) -> caf::result<environment_info> {
                auto done = self_->make_response_promise<environment_info>();
                create(done);
                return done;
            },
            [this](execute_atom, command_spec& command, output_receiver& receiver) {
                return execute(std::move(command), std::move(receiver));
            },
            [this](install_atom, install_request& request) {
                return change_packages(package_action::install, checked(std::move(request)));
            },
            [this](uninstall_atom, uninstall_request& request) {
                return change_packages(package_action::uninstall, checked(request));
            },
            [this](packages_atom) { return list_packages(); },
            [this](find_atom) -> caf::result<environment_info> { return info(); },
            [this](touch_atom) -> caf::result<void> {
                if (auto usable = check_usable(); !usable)
                    return to_caf_error(usable.error());
                touch();
                return {};
            },
            [this](expire_atom, cleanup_reason reason) -> caf::result<caf::timespan> {
                auto left = time_left(reason);
                if (left == caf::timespan::zero())
                    stopping_ = true;
                return left;
            },
            [this](stop_atom, bool force) -> caf::result<bool> {
                bool was_busy = busy();
                if (was_busy && !force)
                    return to_caf_error(named({error_code::environment_busy,
                                               "the environment is busy",
                                               {},
                                               "wait for its commands to end, or destroy it with force"}));
                stopping_ = true;
                (void)go(environment_status::cleaning_up); // stopped twice is stopped
                return was_busy;
            },
            [this](restarted_atom, const std::string& service) -> caf::result<void> {
                if (service == "installer")
                    lose_installer();
                return {};
            },
            [this](forget_atom) -> caf::result<void> {
                (void)go(environment_status::destroyed); // the actor ends here whatever it was
                end_commands();
                // After the last of our own messages to it.
                caf_compat::send_anonymously(shared_->scheduler(), forget_atom_v, info().id);
                self_->quit();
                return {};
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

error environment_state::named(error reason) const {
    if (reason.environment.empty())
        reason.environment = info().name;
    return reason;
}

// Creation.

void environment_state::create(promise<environment_info> done) {
    if (auto begun = go(environment_status::creating); !begun)
        return done.deliver(to_caf_error(named(begun.error())));
    auto chosen = [this, done](interpreter_choice& choice) {
        interpreter_ = std::move(choice);
        info_->change(
            [this](environment_info& info) { info.python_version = interpreter_.interpreter->version_text; });
        acquire(done);
    };
    auto wanted = spec_.asked.python_version.value_or("");
    // Without a detour over another thread where the answer is known.
    if (auto known = shared_->known->find(wanted))
        return chosen(*known);
    auto search = step_of(info_->creation(), "interpreter");
    // The creation as a whole has a deadline, at the supervisor: none for each step.
    caf_compat::request(self_, shared_->interpreters(), caf::infinite, resolve_atom_v, wanted)
        .then(
            [chosen, search](interpreter_choice& choice) {
                search.end();
                chosen(choice);
            },
            [this, done, search](const caf::error& reason) {
                search.fail(from_caf_error(reason));
                fail(done, reason);
            });
}

span environment_state::step_of(const std::optional<request_origin>& whole, std::string_view step) const {
    if (!whole)
        return {};
    auto result = span::begin(step, whole);
    result.set_environment(info().id, info().name);
    return result;
}

void environment_state::acquire(promise<environment_info> done) {
    auto request = storage_request_for(info().id, spec_);
    request.layout_number = interpreter_.layout_number;
    auto making = step_of(info_->creation(), "storage");
    making.set("storage", to_string(info().storage));
    storage_receiver receiver{resume(self_, [this, done, making](outcome<storage_made> made) {
        if (!made) {
            making.fail(made.error());
            return fail(done, to_caf_error(made.error()));
        }
        making.set("kind", made->kind);
        making.end();
        storage_ = std::move(*made);
        info_->change([this](environment_info& info) {
            info.storage_path = storage_.storage_path;
            info.venv_path = storage_.storage_path + "/venv";
            info.host_path = storage_.host_path;
        });
        if (spec_.asked.command_follows && !stopping_)
            with_keeper([](const outcome<void>&) {},
                        info_->creation()); // a failure is the command's, which tries once more
        fill(done);
    })};
    // What a reaper that is not there, or ends before it has seen this, never answers.
    caf_compat::request(self_, shared_->reaper(), caf::infinite, acquire_atom_v, std::move(request),
                        std::move(receiver))
        .then([] {},
              [this, done](const caf::error& reason) {
                  if (state_.now() == environment_status::creating)
                      fail(done, reason);
              });
}

// What is installed first comes through the same door as what is installed later.
void environment_state::fill(promise<environment_info> done) {
    if (stopping_)
        return become_ready(done);
    std::vector<std::pair<package_action, package_request>> steps;
    if (spec_.asked.with_pip)
        steps.emplace_back(package_action::bootstrap_pip, package_request{});
    if (spec_.asked.project)
        steps.emplace_back(package_action::install, package_request{}).second.project = spec_.asked.project;
    auto files = spec_.asked.requirements_files;
    if (spec_.asked.requirements_file)
        files.insert(files.begin(), *spec_.asked.requirements_file);
    if (!spec_.asked.packages.empty() || !files.empty()) {
        auto& request = steps.emplace_back(package_action::install, package_request{}).second;
        request.packages = spec_.packages;
        request.requirements_files = std::move(files);
    }
    if (steps.empty())
        return become_ready(done);
    auto left = std::make_shared<std::size_t>(steps.size());
    for (auto& [action, request] : steps)
        add_package_work(
            action, std::move(request),
            [this, done, left](const outcome<install_result>& result) {
                if (*left == 0)
                    return; // an earlier step has failed, and the creation with it
                *left = result ? *left - 1 : 0;
                if (!result)
                    fail(done, to_caf_error(result.error()));
                else if (*left == 0)
                    become_ready(done);
            },
            info_->creation());
}

void environment_state::become_ready(promise<environment_info> done) {
    if (auto ready = go(environment_status::ready); !ready)
        return fail(done, to_caf_error(ready.error()));
    auto config = shared_->config();
    auto now = std::chrono::system_clock::now();
    info_->change([this, now](environment_info& info) {
        if (spec_.ttl != unlimited)
            info.expires_at = now + spec_.ttl;
        info.max_idle_time = spec_.max_idle_time;
        info.last_activity = now;
    });
    done.deliver(info());
    born_ = last_active_ = clock_now();
    force_after_ = config->force_cleanup_after;
    // Only now: no caller waits for it.
    caf_compat::send_anonymously(shared_->reaper(), note_atom_v, info());
    for (auto reason :
         {cleanup_reason::ttl_expired, cleanup_reason::force_cleanup_old, cleanup_reason::inactive_timeout})
        if (auto left = time_left(reason); left != caf::timespan::max())
            caf_compat::send_anonymously(shared_->scheduler(), schedule_atom_v, info().id, reason, left);
}

// How long the environment has until it is to end for this reason; moves when there is activity.
caf::timespan environment_state::time_left(cleanup_reason reason) const {
    auto after = [this](instant since, std::chrono::seconds limit) {
        if (limit == unlimited)
            return caf::timespan::max();
        return std::max(caf::timespan::zero(), caf::timespan{since + limit - clock_now()});
    };
    switch (reason) {
    case cleanup_reason::ttl_expired:
        return after(born_, spec_.ttl);
    case cleanup_reason::force_cleanup_old:
        return after(born_, force_after_);
    case cleanup_reason::inactive_timeout:
        // A running command is never idle.
        return after(activities_ > 0 ? clock_now() : last_active_, spec_.max_idle_time);
    case cleanup_reason::failed_state:
        return state_.now() == environment_status::failed ? caf::timespan::zero() : caf::timespan::max();
    default:
        return caf::timespan::zero(); // not a deadline: it is due on request
    }
}

void environment_state::fail(promise<environment_info> done, const caf::error& reason) {
    (void)go(environment_status::failed); // or it is being torn down already
    done.deliver(to_caf_error(named(from_caf_error(reason))));
}

// Activity.

outcome<void> environment_state::check_usable() const {
    if (stopping_)
        return failure(named({error_code::environment_gone, "the environment is being torn down", {}, {}}));
    if (state_.now() != environment_status::ready && state_.now() != environment_status::running &&
        state_.now() != environment_status::creating)
        return failure(
            named({error_code::illegal_transition,
                   "the environment is " + std::string{to_string(state_.now())} + " and cannot be used",
                   {},
                   "create a new one"}));
    return {};
}

void environment_state::begin_activity() {
    ++activities_;
    touch();
    if (state_.now() == environment_status::ready)
        (void)go(environment_status::running);
}

void environment_state::end_activity() {
    --activities_;
    touch();
    if (activities_ == 0 && state_.now() == environment_status::running)
        (void)go(environment_status::ready);
}

// No message: the scheduler, when the old deadline is due, asks how long it is still off.
void environment_state::touch() {
    last_active_ = clock_now();
    info_->change([](environment_info& info) { info.last_activity = std::chrono::system_clock::now(); });
}

environment_state::instant environment_state::clock_now() const {
    return self_->clock().now();
}

storage_request storage_request_for(const std::string& id, const resolved_specification& spec) {
    storage_request request;
    request.environment_id = id;
    request.name = spec.asked.name;
    request.storage = spec.storage;
    request.size = spec.asked.resource_limits.max_disk.value_or(default_storage_size).bytes();
    return request;
}

environment_actor spawn_environment(caf::actor_system& system, std::shared_ptr<const services> shared,
                                    resolved_specification spec, std::shared_ptr<shared_info> info) {
    return system.spawn<environment_actor::stateful_impl<environment_state>>(
        std::move(shared), std::move(spec), std::move(info));
}

} // namespace gestvenv
