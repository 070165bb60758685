// The half of an environment that works: its keeper, its commands, its installations.
#include "actors/environment.hpp"

#include "actors/supported.hpp"
#include "messages/caf_error.hpp"
#include "messages/command_line_text.hpp"
#include "messages/validation.hpp"
#include "system/python/installer_variables.hpp"
#include "system/python/interpreter.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <unistd.h>

namespace gestvenv {

namespace {

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

std::string how_it_ended(const operation_result& result, bool timed_out) {
    if (timed_out)
        return "killed after its timeout";
    auto text = "exit status " + std::to_string(result.returncode);
    for (const auto& limit : result.limits_reached)
        text += "; " + description_of(limit);
    return text;
}

} // namespace

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
                        enforced_limits(spec_), spec_.shm == shared_memory::host)
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
                             how_it_ended(*result, command.timed_out));
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

// --- packages
// ------------------------------------------------------------------------------------------------

outcome<void> environment_behavior::check_package_work(const outcome<void>& valid) const {
    if (auto usable = check_usable(); !usable)
        return usable;
    return valid ? valid : failure(named(valid.error()));
}

caf::result<install_result> environment_behavior::change_packages(package_action action,
                                                                  install_request request,
                                                                  const outcome<void>& valid) {
    if (auto good = check_package_work(valid); !good)
        return to_caf_error(good.error());
    auto done = self_->make_response_promise<install_result>();
    add_package_work(action, std::move(request), [done](outcome<install_result> result) mutable {
        if (result)
            done.deliver(std::move(*result));
        else
            done.deliver(to_caf_error(result.error()));
    });
    return done;
}

caf::result<std::vector<installed_package>> environment_behavior::list_packages() {
    if (auto good = check_package_work({}); !good)
        return to_caf_error(good.error());
    auto done = self_->make_response_promise<std::vector<installed_package>>();
    add_package_work(package_action::list, {}, [done](outcome<install_result> result) mutable {
        if (result)
            done.deliver(std::move(result->installed));
        else
            done.deliver(to_caf_error(result.error()));
    });
    return done;
}

void environment_behavior::add_package_work(package_action action, install_request request,
                                            package_answer done) {
    package_work_.push_back({action, std::move(request), std::move(done)});
    begin_activity();
    if (!installing_)
        next_package_work();
}

void environment_behavior::note_packages(package_action action, const install_result& result) {
    if (action == package_action::list)
        return;
    auto publish = [this](event_kind kind, const std::vector<installed_package>& packages) {
        std::string all;
        for (const auto& package : packages)
            all += (all.empty() ? "" : " ") + package.name + "==" + package.version;
        shared_->events->publish(kind, info_.id, info_.name, std::move(all));
    };
    for (const auto& package : result.removed)
        std::erase(info_.packages, package.name + "==" + package.version);
    for (const auto& package : result.installed)
        info_.packages.push_back(package.name + "==" + package.version);
    if (action == package_action::uninstall)
        publish(event_kind::packages_removed, result.removed);
    else
        publish(event_kind::packages_installed, result.installed);
}

// One after another: two installers in one environment would overwrite each other's work.
void environment_behavior::next_package_work() {
    if (package_work_.empty())
        return;
    installing_ = true;
    with_keeper([this](const outcome<void>& keeper) {
        auto [action, request, done] = std::move(package_work_.front());
        package_work_.pop_front();
        if (!keeper)
            return end_package_work(action, done, failure(keeper.error()));
        if (auto usable = check_usable(); !usable)
            return end_package_work(action, done, failure(usable.error()));
        package_job job{action,
                        info_.id,
                        info_.name,
                        info_.package_backend,
                        interpreter_.interpreter,
                        storage_.storage_path,
                        storage_.host_path,
                        next_command_++,
                        std::move(request)};
        auto limit = job.request.timeout + limits::margin;
        caf_compat::request(self_, shared_->installer(), limit, install_atom_v, std::move(job))
            .then([this, action = action, done = done](
                      install_result& result) { end_package_work(action, done, std::move(result)); },
                  [this, action = action, done = done](const caf::error& reason) {
                      end_package_work(action, done, failure(from_caf_error(reason)));
                  });
    });
}

void environment_behavior::end_package_work(package_action action, const package_answer& done,
                                            outcome<install_result> result) {
    installing_ = false;
    end_activity();
    if (result)
        note_packages(action, *result);
    else
        result = failure(named(result.error()));
    done(std::move(result));
    next_package_work();
}

} // namespace gestvenv
