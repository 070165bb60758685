// SPDX-License-Identifier: MIT
// The half of an environment that works: its keeper, its commands, its installations.
#include "actors/environment.hpp"

#include "actors/installer.hpp"
#include "actors/supported.hpp"
#include "messages/caf/error.hpp"
#include "messages/command_line_text.hpp"
#include "messages/validation.hpp"
#include "system/python/interpreter.hpp"
#include "system/python/process_variables.hpp"
#include "system/tracing/common_origin.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <unistd.h>

namespace gestvenv {

namespace {

python::variable_paths paths_of(const storage_made& storage, const std::string& prompt) {
    return {storage.storage_path + "/venv", storage.storage_path + "/tmp", storage.storage_path + "/home",
            prompt, storage.storage_path + "/notices"};
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
        return "ended after its timeout";
    auto text = "exit status " + std::to_string(result.returncode);
    for (const auto& limit : result.limits_reached)
        text += "; " + description_of(limit);
    return text;
}

} // namespace

span environment_state::begin_operation(std::string_view operation,
                                        const std::optional<request_origin>& origin) const {
    auto whole = span::begin(operation, origin);
    whole.set_environment(info().id, info().name);
    if ((!origin || !origin->is_child()) && info_->creation())
        whole.follow(info_->creation()->context);
    return whole;
}

void environment_state::with_keeper(std::function<void(outcome<void>)> work,
                                    const std::optional<request_origin>& whole) {
    switch (keeper_) {
    case keeper_state::running:
        return work({});
    case keeper_state::starting:
        waiting_for_keeper_.push_back(std::move(work));
        return;
    case keeper_state::none:
        break;
    }
    keeper_ = keeper_state::starting;
    waiting_for_keeper_.push_back(std::move(work));
    auto starting = step_of(whole, "keeper");
    auto settle = [this, starting](keeper_state now, const outcome<void>& result) {
        if (result)
            starting.end();
        else
            starting.fail(result.error());
        keeper_ = now;
        auto waiting = std::exchange(waiting_for_keeper_, {});
        for (auto& item : waiting)
            item(result);
    };
    caf_compat::request(self_, shared_->reaper(), deadlines::step, keeper_atom_v, info().id,
                        enforced_limits(spec_), spec_.asked.shm == shared_memory::host)
        .then(
            [this, settle, starting](containment in_force) {
                starting.set("containment", to_string(in_force));
                info_->change([in_force](environment_info& info) { info.containment_in_force = in_force; });
                settle(keeper_state::running, {});
            },
            // What was wanting may be there the next time: memory, processes, descriptors.
            [this, settle](const caf::error& reason) {
                settle(keeper_state::none, failure(named(from_caf_error(reason))));
            });
}

// Commands.

caf::result<operation_result> environment_state::execute(command_spec command, output_receiver receiver) {
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
    const auto paths = paths_of(storage_, info().name);
    request.program.variables = python::command_variables({}, paths);
    for (auto& [variable, value] : command.variables)
        request.program.variables.insert_or_assign(variable, std::move(value));
    if (auto given = command.variables.find("PATH"); given != command.variables.end())
        request.program.variables["PATH"] =
            python::path_in_environment(paths, request.program.variables["PATH"]);
    request.program.working_directory = command.working_directory.empty()
                                            ? storage_.storage_path + "/work"
                                            : command.working_directory.string();
    request.program.keep_privileges = info().security == security_mode::permissive;
    request.program.passed = std::move(command.passed_descriptors);
    request.program.umask = command.umask;
    request.program.in_foreground = command.terminal && command.terminal->foreground;
    request.program.terminal = command.terminal.has_value();
    request.program.settings = std::move(command.process_settings);
    request.streams = command.streams;
    request.terminal = command.terminal;
    request.standard_input = std::move(command.standard_input);
    request.memory_limit = command.memory_limit;
    request.output_limit = command.output_limit;
    request.host_path = storage_.host_path;
    request.sink = std::move(receiver.sink);
    request.link = std::move(receiver.link);
    request.descriptors = std::move(receiver.descriptors);

    running_command entry;
    auto origin = request.link ? take_origin(command_of(request.link.get())) : common_origin();
    entry.whole = begin_operation("execute", origin);
    // So that what the command does can be put below it, by those who know the variable.
    if (origin && origin->is_child())
        request.program.variables.emplace("TRACEPARENT", to_traceparent(entry.whole.origin()->context));
    entry.done = self_->make_response_promise<operation_result>();
    entry.text = command.text.empty() ? quote_command(request.program.arguments) : std::move(command.text);
    auto done = entry.done;
    auto whole = entry.whole.origin();
    begin_activity();
    with_keeper(
        [this, request = std::move(request), entry = std::move(entry),
         timeout = command.timeout](const outcome<void>& keeper) mutable {
            if (keeper && !stopping_)
                return run(std::move(request), std::move(entry), timeout);
            auto reason = keeper ? check_usable().error() : keeper.error();
            end_activity();
            entry.whole.fail(reason);
            entry.done.deliver(to_caf_error(reason));
        },
        whole);
    return done;
}

void environment_state::run(process_request request, running_command command,
                            std::optional<std::chrono::milliseconds> timeout) {
    auto number = request.program.command;
    if (timeout)
        command.timeout = self_->run_delayed(*timeout, [this, number] {
            auto found = commands_.find(number);
            if (found == commands_.end())
                return;
            found->second.timed_out = true;
            shared_->machine->kill(info().id, number, shared_->config()->stop_grace);
        });
    shared_->events->publish(event_kind::command_started, info().id, info().name,
                             request.program.arguments.front());
    command.process = command.whole.step("command");
    command.process.set("program", request.program.arguments.front());
    commands_.emplace(number, std::move(command));
    shared_->machine->run(info().id, std::move(request),
                          resume(self_, [this, number](outcome<operation_result> result) {
                              ended(number, std::move(result));
                          }));
}

void environment_state::ended(std::uint64_t number, outcome<operation_result> result) {
    auto found = commands_.find(number);
    if (found == commands_.end())
        return;
    auto command = std::move(found->second);
    commands_.erase(found);
    if (command.timeout)
        command.timeout.dispose();
    end_activity();
    if (!result) {
        command.process.fail(result.error());
        command.whole.fail(result.error());
        if (result.error().code == error_code::environment_gone)
            lose_keeper();
        return command.done.deliver(to_caf_error(named(result.error())));
    }
    shared_->events->publish(event_kind::command_ended, info().id, info().name,
                             how_it_ended(*result, command.timed_out));
    command.process.set("exit_status", std::to_string(result->returncode));
    if (command.timed_out)
        command.whole.fail(
            {error_code::command_timed_out, "the command was ended after its timeout", {}, {}});
    result->command = std::move(command.text);
    result->timed_out = command.timed_out;
    command.done.deliver(std::move(*result));
}

void environment_state::end_commands() {
    const auto gone = named(
        {error_code::environment_gone, "the environment was ended while the command was running", {}, {}});
    for (auto& [number, command] : std::exchange(commands_, {})) {
        if (command.timeout)
            command.timeout.dispose();
        command.process.fail(gone);
        command.whole.fail(gone);
        command.done.deliver(to_caf_error(gone));
    }
}

// Without its keeper the environment is of no use: it is ended as a failed one.
void environment_state::lose_keeper() {
    if (stopping_ || !go(environment_status::failed))
        return;
    caf_compat::send_anonymously(shared_->scheduler(), schedule_atom_v, info().id,
                                 cleanup_reason::failed_state, caf::timespan{0});
}

// Packages.

caf::result<install_result> environment_state::change_packages(package_action action,
                                                               outcome<package_request> request) {
    if (auto usable = check_usable(); !usable)
        return to_caf_error(usable.error());
    if (!request)
        return to_caf_error(named(request.error()));
    // Before there is a promise, which takes the sender along.
    std::optional<request_origin> origin;
    if (auto sender = caf::actor_cast<caf::strong_actor_ptr>(self_->current_sender()); sender)
        origin = take_origin(request_of(sender->id()));
    auto done = self_->make_response_promise<install_result>();
    add_package_work(
        action, std::move(*request),
        [done](outcome<install_result> result) mutable {
            if (result)
                done.deliver(std::move(*result));
            else
                done.deliver(to_caf_error(result.error()));
        },
        origin);
    return done;
}

caf::result<std::vector<installed_package>> environment_state::list_packages() {
    if (auto usable = check_usable(); !usable)
        return to_caf_error(usable.error());
    auto done = self_->make_response_promise<std::vector<installed_package>>();
    add_package_work(package_action::list, {}, [done](outcome<install_result> result) mutable {
        if (result)
            done.deliver(std::move(result->installed));
        else
            done.deliver(to_caf_error(result.error()));
    });
    return done;
}

void environment_state::add_package_work(package_action action, package_request request, package_answer done,
                                         const std::optional<request_origin>& origin) {
    if (!request.install_context)
        request.install_context = spec_.asked.install_context;
    span whole;
    if (action != package_action::list)
        whole = begin_operation(action == package_action::uninstall ? "uninstall" : "install", origin);
    package_work_.push_back({action, std::move(request), std::move(done), std::move(whole)});
    begin_activity();
    if (!installing_)
        next_package_work();
}

void environment_state::note_packages(package_action action, const install_result& result) {
    if (action == package_action::list)
        return;
    auto publish = [this](event_kind kind, const std::vector<installed_package>& packages) {
        std::string all;
        for (const auto& package : packages)
            all += (all.empty() ? "" : " ") + package.name + "==" + package.version;
        shared_->events->publish(kind, info().id, info().name, std::move(all));
    };
    info_->change([&result](environment_info& info) {
        for (const auto& package : result.removed)
            std::erase(info.packages, package.name + "==" + package.version);
        for (const auto& note : result.notes)
            if (std::find(info.notes.begin(), info.notes.end(), note) == info.notes.end())
                info.notes.push_back(note);
        for (const auto& package : result.installed)
            info.packages.push_back(package.name + "==" + package.version);
    });
    if (action == package_action::uninstall)
        publish(event_kind::packages_removed, result.removed);
    else
        publish(event_kind::packages_installed, result.installed);
}

// One after another: two installers in one environment would overwrite each other's work.
void environment_state::next_package_work() {
    if (package_work_.empty())
        return;
    installing_ = true;
    const auto first = package_work_.front().whole.origin();
    auto begin = [this](const outcome<void>& keeper) {
        auto [action, request, done, whole] = std::move(package_work_.front());
        package_work_.pop_front();
        if (!keeper)
            return end_package_work(action, done, whole, failure(keeper.error()));
        if (auto usable = check_usable(); !usable)
            return end_package_work(action, done, whole, failure(usable.error()));
        const auto number = next_command_++;
        package_job job{action,
                        info().id,
                        info().name,
                        info().package_backend,
                        interpreter_.interpreter,
                        storage_.storage_path,
                        storage_.host_path,
                        number,
                        spec_.asked.build_variables,
                        std::move(request)};
        note_origin(package_job_of(info().id, number), whole.origin());
        handed_ = handed_work{number, action, std::move(done), std::move(whole)};
        // Without a deadline here: its time begins when the installer does, which holds to it.
        caf_compat::request(self_, shared_->installer(), caf::infinite, install_atom_v, std::move(job))
            .then([this, number](install_result& result) { end_handed_work(number, std::move(result)); },
                  [this, number](const caf::error& reason) {
                      end_handed_work(number, failure(from_caf_error(reason)));
                  });
    };
    with_keeper(begin, first);
}

void environment_state::end_handed_work(std::uint64_t number, outcome<install_result> result) {
    if (!handed_ || handed_->number != number)
        return; // given up before
    auto work = *std::exchange(handed_, std::nullopt);
    end_package_work(work.action, work.done, work.whole, std::move(result));
}

// What it was asked has no answer any more. Its process may still run: the next must not meet it.
void environment_state::lose_installer() {
    if (!handed_)
        return;
    const auto number = handed_->number;
    for (int attempt = 1; attempt <= installer_state::most_attempts; ++attempt)
        shared_->machine->kill(info().id, installer_state::command_of(number, attempt));
    end_handed_work(
        number,
        failure(error{error_code::actor_crashed, "the runtime's installer has crashed", {}, "try again"}));
}

void environment_state::end_package_work(package_action action, const package_answer& done, const span& whole,
                                         outcome<install_result> result) {
    installing_ = false;
    end_activity();
    if (result)
        note_packages(action, *result);
    else
        result = failure(named(result.error()));
    if (result)
        whole.end();
    else
        whole.fail(result.error());
    done(std::move(result));
    next_package_work();
}

} // namespace gestvenv
