#include "actors/environment.hpp"

#include "messages/caf_error.hpp"
#include "messages/command_line_text.hpp"
#include "messages/validation.hpp"
#include "system/python/installer_variables.hpp"
#include "system/python/interpreter.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <unistd.h>

namespace gestvenv {

namespace {

// Beyond a command's or an installation's own time: for what lies around it.
constexpr std::chrono::seconds margin{30};

python::variable_paths paths_of(const storage_made& storage, const std::string& prompt) {
    return {storage.storage_path + "/venv", storage.storage_path + "/tmp", storage.storage_path + "/home",
            prompt};
}

outcome<std::vector<std::string>> arguments_of(const command_spec& command) {
    if (!command.arguments.empty())
        return command.arguments;
    if (!command.shell)
        return split_command(command.text);
    const char* shell = ::access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
    return std::vector<std::string>{shell, "-c", command.text};
}

} // namespace

environment_behavior::environment_behavior(pointer self, std::shared_ptr<const services> shared,
                                           std::string id, environment_spec spec)
    : self_(self), shared_(std::move(shared)), spec_(std::move(spec)) {
    info_.id = std::move(id);
    info_.name = spec_.name;
    info_.package_backend = spec_.package_backend;
    info_.resource_limits = spec_.resource_limits;
    info_.isolation = spec_.isolation.value_or(isolation_level::process);
    info_.security = spec_.security.value_or(security_mode::restricted);
    info_.storage = spec_.storage_backend.value_or(storage_backend::tmpfs);
    info_.tags = spec_.tags;
    info_.created_at = info_.last_activity = std::chrono::system_clock::now();
}

environment_actor::behavior_type environment_behavior::make_behavior() {
    end_on_exception(self_);
    return {[this](create_atom) -> caf::result<environment_info> {
                auto done = self_->make_response_promise<environment_info>();
                create(done);
                return done;
            },
            [this](execute_atom, command_spec& command, output_receiver& receiver) {
                return execute(std::move(command), std::move(receiver));
            },
            [this](install_atom, install_request& request) { return install(std::move(request)); },
            [this](find_atom) -> caf::result<environment_info> {
                info_.status = state_.now();
                return info_;
            },
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
                (void)state_.go(environment_status::cleaning_up); // stopped twice is stopped
                return was_busy;
            },
            [this](forget_atom) -> caf::result<void> {
                (void)state_.go(environment_status::destroyed); // the actor ends here whatever it was
                // After the last of our own messages to it.
                caf_compat::send_anonymously(shared_->scheduler(), forget_atom_v, info_.id);
                self_->quit();
                return {};
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

error environment_behavior::named(error reason) const {
    if (reason.environment.empty())
        reason.environment = info_.name;
    return reason;
}

// --- creation
// -----------------------------------------------------------------------------------------------------

void environment_behavior::create(promise<environment_info> done) {
    if (auto begun = state_.go(environment_status::creating); !begun)
        return done.deliver(to_caf_error(named(begun.error())));
    auto chosen = [this, done](interpreter_choice& choice) {
        interpreter_ = std::move(choice);
        info_.python_version = interpreter_.interpreter->version_text;
        acquire(done);
    };
    auto wanted = spec_.python_version.value_or("");
    // Without a detour over another thread where the answer is known.
    if (auto known = shared_->known->find(wanted))
        return chosen(*known);
    // The creation as a whole has a deadline, at the supervisor: none for each step.
    caf_compat::request(self_, shared_->interpreters(), caf::infinite, resolve_atom_v, wanted)
        .then(chosen, [this, done](const caf::error& reason) { fail(done, reason); });
}

void environment_behavior::acquire(promise<environment_info> done) {
    auto request = storage_request_for(info_.id, spec_);
    request.layout_number = interpreter_.layout_number;
    storage_receiver receiver{resume(self_, [this, done](outcome<storage_made> made) {
        if (!made)
            return fail(done, to_caf_error(made.error()));
        storage_ = std::move(*made);
        info_.storage_path = storage_.storage_path;
        info_.venv_path = storage_.storage_path + "/venv";
        info_.host_path = storage_.host_path;
        fill(done);
    })};
    caf_compat::send_anonymously(shared_->reaper(), acquire_atom_v, std::move(request), std::move(receiver));
}

void environment_behavior::fill(promise<environment_info> done) {
    install_request request;
    request.packages = spec_.packages;
    if (spec_.requirements_file)
        request.requirements_files.push_back(*spec_.requirements_file);
    if (request.empty() || stopping_)
        return become_ready(done);
    auto installed = self_->make_response_promise<install_result>();
    // Through the same door as later installations; the answer comes back to ourselves.
    auto limit = request.timeout + margin;
    caf_compat::request(self_, environment_actor{self_}, limit, install_atom_v, std::move(request))
        .then([this, done](install_result&) { become_ready(done); },
              [this, done](const caf::error& reason) { fail(done, reason); });
}

void environment_behavior::become_ready(promise<environment_info> done) {
    if (auto ready = state_.go(environment_status::ready); !ready)
        return fail(done, to_caf_error(ready.error()));
    auto config = shared_->config();
    auto now = std::chrono::system_clock::now();
    if (*spec_.ttl != unlimited)
        info_.expires_at = now + *spec_.ttl;
    info_.max_idle_time = *spec_.max_idle_time;
    info_.last_activity = now;
    info_.status = state_.now();
    done.deliver(info_);
    born_ = last_active_ = clock_now();
    force_after_ = config->force_cleanup_after;
    // Only now: nobody waits for it.
    for (auto reason :
         {cleanup_reason::ttl_expired, cleanup_reason::force_cleanup_old, cleanup_reason::inactive_timeout})
        if (auto left = time_left(reason); left != caf::timespan::max())
            caf_compat::send_anonymously(shared_->scheduler(), schedule_atom_v, info_.id, reason, left);
}

// How long the environment has until it is to end for this reason; moves when there is activity.
caf::timespan environment_behavior::time_left(cleanup_reason reason) const {
    auto after = [this](instant since, std::chrono::seconds limit) {
        if (limit == unlimited)
            return caf::timespan::max();
        return std::max(caf::timespan::zero(), caf::timespan{since + limit - clock_now()});
    };
    switch (reason) {
    case cleanup_reason::ttl_expired:
        return after(born_, *spec_.ttl);
    case cleanup_reason::force_cleanup_old:
        return after(born_, force_after_);
    case cleanup_reason::inactive_timeout:
        // A running command is never idle.
        return after(activities_ > 0 ? clock_now() : last_active_, *spec_.max_idle_time);
    case cleanup_reason::failed_state:
        return state_.now() == environment_status::failed ? caf::timespan::zero() : caf::timespan::max();
    default:
        return caf::timespan::zero(); // not a deadline: it is due when somebody says so
    }
}

void environment_behavior::fail(promise<environment_info> done, const caf::error& reason) {
    (void)state_.go(environment_status::failed); // or it is being torn down already
    done.deliver(to_caf_error(named(from_caf_error(reason))));
}

// --- activity
// -----------------------------------------------------------------------------------------------------

outcome<void> environment_behavior::check_usable() const {
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

void environment_behavior::begin_activity() {
    ++activities_;
    touch();
    if (state_.now() == environment_status::ready)
        (void)state_.go(environment_status::running);
}

void environment_behavior::end_activity() {
    --activities_;
    touch();
    if (activities_ == 0 && state_.now() == environment_status::running)
        (void)state_.go(environment_status::ready);
}

// No message: whoever finds the old deadline due asks how long it is still off.
void environment_behavior::touch() {
    last_active_ = clock_now();
    info_.last_activity = std::chrono::system_clock::now();
}

environment_behavior::instant environment_behavior::clock_now() const {
    return self_->clock().now();
}

void environment_behavior::with_keeper(std::function<void(outcome<void>)> work) {
    switch (keeper_) {
    case keeper_state::running:
        return work({});
    case keeper_state::failed:
        return work(failure(*keeper_failure_));
    case keeper_state::starting:
        waiting_for_keeper_.push_back(std::move(work));
        return;
    case keeper_state::none:
        break;
    }
    keeper_ = keeper_state::starting;
    waiting_for_keeper_.push_back(std::move(work));
    auto settle = [this](keeper_state now, const outcome<void>& result) {
        keeper_ = now;
        auto waiting = std::exchange(waiting_for_keeper_, {});
        for (auto& item : waiting)
            item(result);
    };
    caf_compat::request(self_, shared_->reaper(), limits::step, keeper_atom_v, info_.id,
                        spec_.resource_limits)
        .then(
            [this, settle](containment in_force) {
                info_.containment_in_force = in_force;
                settle(keeper_state::running, {});
            },
            [this, settle](const caf::error& reason) {
                keeper_failure_ = named(from_caf_error(reason));
                settle(keeper_state::failed, failure(*keeper_failure_));
            });
}

// --- commands
// -----------------------------------------------------------------------------------------------------

caf::result<operation_result> environment_behavior::execute(command_spec command, output_receiver receiver) {
    if (auto usable = check_usable(); !usable)
        return to_caf_error(usable.error());
    if (auto valid = validate(command); !valid)
        return to_caf_error(named(valid.error()));
    auto arguments = arguments_of(command);
    if (!arguments)
        return to_caf_error(named(arguments.error()));

    process_request request;
    request.program.command = next_command_++;
    request.program.arguments = std::move(*arguments);
    request.program.variables = python::command_variables({}, paths_of(storage_, info_.name));
    for (auto& [variable, value] : command.variables)
        request.program.variables.insert_or_assign(variable, std::move(value));
    request.program.working_directory = command.working_directory.empty()
                                            ? storage_.storage_path + "/work"
                                            : command.working_directory.string();
    request.program.keep_privileges = info_.security == security_mode::permissive;
    request.streams = command.streams;
    request.standard_input = std::move(command.standard_input);
    request.memory_limit = command.memory_limit;
    request.output_limit = command.output_limit;
    request.host_path = storage_.host_path;
    request.sink = std::move(receiver.sink);

    running_command entry;
    entry.done = self_->make_response_promise<operation_result>();
    entry.text = command.text.empty() ? quote_command(request.program.arguments) : std::move(command.text);
    auto done = entry.done;
    begin_activity();
    with_keeper([this, request = std::move(request), entry = std::move(entry),
                 timeout = command.timeout](const outcome<void>& keeper) mutable {
        if (keeper && !stopping_)
            return run(std::move(request), std::move(entry), timeout);
        auto reason = keeper ? check_usable().error() : keeper.error();
        end_activity();
        entry.done.deliver(to_caf_error(reason));
    });
    return done;
}

void environment_behavior::run(process_request request, running_command command,
                               std::optional<std::chrono::milliseconds> timeout) {
    auto number = request.program.command;
    if (timeout)
        command.timeout = self_->run_delayed(*timeout, [this, number] {
            auto found = commands_.find(number);
            if (found == commands_.end())
                return;
            found->second.timed_out = true;
            shared_->host->kill(info_.id, number);
        });
    shared_->events->publish(event_kind::command_started, info_.id, info_.name,
                             request.program.arguments.front());
    commands_.emplace(number, std::move(command));
    shared_->host->run(info_.id, std::move(request),
                       resume(self_, [this, number](outcome<operation_result> result) {
                           ended(number, std::move(result));
                       }));
}

void environment_behavior::ended(std::uint64_t number, outcome<operation_result> result) {
    auto found = commands_.find(number);
    if (found == commands_.end())
        return;
    auto command = std::move(found->second);
    commands_.erase(found);
    if (command.timeout)
        command.timeout.dispose();
    end_activity();
    if (!result) {
        if (result.error().code == error_code::environment_gone)
            lose_keeper();
        return command.done.deliver(to_caf_error(named(result.error())));
    }
    shared_->events->publish(event_kind::command_ended, info_.id, info_.name,
                             command.timed_out ? "killed after its timeout"
                                               : "exit status " + std::to_string(result->returncode));
    result->command = std::move(command.text);
    result->timed_out = command.timed_out;
    command.done.deliver(std::move(*result));
}

// Without its keeper the environment is of no use to anybody: it is ended as a failed one.
void environment_behavior::lose_keeper() {
    if (stopping_ || !state_.go(environment_status::failed))
        return;
    caf_compat::send_anonymously(shared_->scheduler(), schedule_atom_v, info_.id,
                                 cleanup_reason::failed_state, caf::timespan{0});
}

// --- installations
// ------------------------------------------------------------------------------------------------

caf::result<install_result> environment_behavior::install(install_request request) {
    if (auto usable = check_usable(); !usable)
        return to_caf_error(usable.error());
    if (auto valid = validate(request); !valid)
        return to_caf_error(named(valid.error()));
    auto done = self_->make_response_promise<install_result>();
    installations_.push_back({done, std::move(request)});
    begin_activity();
    if (!installing_)
        next_installation();
    return done;
}

void environment_behavior::note_installed(const install_result& result) {
    std::string all;
    for (const auto& package : result.installed) {
        info_.packages.push_back(package.name + "==" + package.version);
        all += (all.empty() ? "" : " ") + info_.packages.back();
    }
    shared_->events->publish(event_kind::packages_installed, info_.id, info_.name, std::move(all));
}

// One after another: two installers in one environment would overwrite each other's work.
void environment_behavior::next_installation() {
    if (installations_.empty())
        return;
    installing_ = true;
    auto [done, request] = std::move(installations_.front());
    installations_.pop_front();
    auto finish = [this, done = done](const caf::error& reason) mutable {
        installing_ = false;
        end_activity();
        done.deliver(to_caf_error(named(from_caf_error(reason))));
        next_installation();
    };
    with_keeper(
        [this, done = done, finish, request = std::move(request)](const outcome<void>& keeper) mutable {
            if (!keeper || stopping_)
                return finish(to_caf_error(keeper ? check_usable().error() : keeper.error()));
            install_job job{info_.id,
                            info_.name,
                            spec_.package_backend,
                            interpreter_.interpreter,
                            storage_.storage_path,
                            storage_.host_path,
                            next_command_++,
                            std::move(request)};
            auto limit = job.request.timeout + margin;
            caf_compat::request(self_, shared_->installer(), limit, install_atom_v, std::move(job))
                .then(
                    [this, done](install_result& result) mutable {
                        installing_ = false;
                        end_activity();
                        note_installed(result);
                        done.deliver(std::move(result));
                        next_installation();
                    },
                    finish);
        });
}

storage_request storage_request_for(const std::string& id, const environment_spec& spec) {
    storage_request request;
    request.environment_id = id;
    request.name = spec.name;
    request.storage = *spec.storage_backend;
    request.size = spec.resource_limits.max_disk.value_or(default_storage_size).bytes();
    return request;
}

environment_actor spawn_environment(caf::actor_system& system, std::shared_ptr<const services> shared,
                                    std::string id, environment_spec spec) {
    return system.spawn<environment_actor::stateful_impl<environment_behavior>>(
        std::move(shared), std::move(id), std::move(spec));
}

} // namespace gestvenv
