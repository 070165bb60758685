// SPDX-License-Identifier: MIT
#include "actors/installer.hpp"

#include "actors/chance.hpp"
#include "actors/local_builds.hpp"
#include "messages/caf/error.hpp"
#include "system/limits/process_capacity.hpp"
#include "system/posix/descriptor_name.hpp"
#include "system/python/backends/cache_use.hpp"
#include "system/python/backends/installer_variables.hpp"
#include "system/python/backends/pip.hpp"
#include "system/python/backends/pip_program.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/backends/wanted_distributions.hpp"
#include "system/python/installed_distributions.hpp"
#include "system/python/requirement.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <unistd.h>

namespace gestvenv {

namespace {

// What a backend prints is short; more is kept out of memory.
constexpr std::int64_t output_kept = 4 << 20;
constexpr std::int64_t output_limit = 64 << 20;

outcome<python::tool_command> command_for(const services& shared, const package_job& job,
                                          const python::package_backend& tool,
                                          const python::backend_request& request) {
    switch (job.action) {
    case package_action::install:
        return tool.install_command(request, shared.tools);
    case package_action::uninstall:
        return tool.uninstall_command(request, shared.tools);
    case package_action::list:
        return tool.list_command(request, shared.tools);
    case package_action::bootstrap_pip:
        return python::bootstrap_command(request);
    }
    return failure(error_code::invalid_argument, "no backend knows what is to be done");
}

// Requirements that the caller has open (`/dev/fd/63`): the installer gets the descriptor.
void pass_requirements(const package_job& job, const python::package_backend& tool,
                       python::backend_request& request, process_request& process) {
    for (std::size_t i = 0; i < job.request.requirements_files.size(); ++i) {
        auto number = descriptor_named(job.request.requirements_files[i]);
        if (!number)
            continue;
        const bool as_input = tool.keeps_standard_input_alone() && process.passed_from.empty();
        process.passed_from.push_back(*number);
        process.program.passed.push_back(as_input ? STDIN_FILENO : *number);
        if (as_input)
            request.requirements_files[i].path = "/dev/stdin";
    }
}

// Of a caller in another process, where it names them; else of this one.
install_context context_of(const services& shared, const package_job& job) {
    if (!job.request.install_context)
        return {shared.caller_variables, shared.caller_folder};
    auto context = *job.request.install_context;
    // Installers want a home and a cache; what is set stays as it is.
    for (const auto* name : {"HOME", "XDG_CACHE_HOME"})
        if (auto own = shared.caller_variables.find(name); own != shared.caller_variables.end())
            context.variables.insert(*own);
    return context;
}

// The caller's folder, so that relative paths lead where they would from there; the environment's own where
// that one cannot be entered.
std::string working_folder(const install_context& context, const package_job& job) {
    if (job.action == package_action::install && !context.folder.empty() &&
        ::access(context.folder.c_str(), R_OK | X_OK) == 0)
        return context.folder;
    return job.storage_path + "/tmp";
}

// `${NAME}` in a requirements file names what it needs, and that alone.
void add_named_variables(const install_context& context, const std::set<std::string>& names,
                         python::variable_map& variables) {
    for (const auto& name : names) {
        auto value = context.variables.find(name);
        if (value != context.variables.end() && python::may_be_named_for_installer(name))
            variables.emplace(name, value->second);
    }
}

/// What to run, and what has to be in the environment afterwards.
// Above what uv starts on a machine of many cores (a thread for each, and 50 downloads at once).
constexpr std::int64_t comfortable_room = 256;

struct prepared_job {
    process_request process;
    std::vector<std::string> wanted;
    /// What is to be told when it has succeeded.
    std::vector<std::string> notes;
};

outcome<prepared_job> prepare(const services& shared, const package_job& job,
                              const python::package_backend& tool, std::uint64_t number) {
    const auto context = context_of(shared, job);
    python::backend_request request;
    request.venv_path = job.storage_path + "/venv";
    request.interpreter = job.interpreter.get();
    request.packages = job.request.packages;
    request.working_folder = working_folder(context, job);
    for (const auto& path : job.request.requirements_files)
        request.requirements_files.push_back({path});
    auto summary = python::summarize_requirements(
        {job.request.requirements_files.begin(), job.request.requirements_files.end()},
        request.working_folder, context.variables);
    if (!summary)
        return failure(summary.error());
    request.summary = std::move(*summary);
    request.project = job.request.project;
    request.upgrade = job.request.upgrade;
    request.offline = shared.offline || job.request.offline;
    request.one_at_a_time = process_room().value_or(comfortable_room) < comfortable_room;
    python::variable_paths paths{request.venv_path, job.storage_path + "/tmp", {}, {}};
    request.variables = python::installer_variables(context.variables, paths);
    add_named_variables(context, request.summary.variables, request.variables);
    for (const auto& [name, value] : job.build_variables) {
        if (python::leads_installer_elsewhere(name))
            return failure(
                error_code::invalid_argument,
                fmt::format("{} is no variable for builds: it says where or what to install", name),
                "leave it out; gestvenv says both itself");
        request.variables[name] = value;
    }
    prepared_job prepared;
    auto& process = prepared.process;
    pass_requirements(job, tool, request, process);
    auto builds = prepare_local_builds(shared, job, tool, request, number);
    auto command = command_for(shared, job, tool, request);
    if (!command)
        return failure(command.error());
    prepared.notes = std::move(builds.notes);
    for (const auto& folder : request.summary.editables)
        prepared.notes.push_back(fmt::format(
            "{} is installed as editable: it is built where it stands, and what the build writes stays there",
            folder.lexically_normal().string()));
    process.program.command = number;
    process.program.arguments = std::move(command->arguments);
    process.program.variables = std::move(command->variables);
    process.program.working_directory = request.working_folder;
    process.program.overlays = std::move(builds.overlays);
    process.standard_input = std::move(command->standard_input);
    process.memory_limit = output_kept;
    process.output_limit = output_limit;
    process.host_path = job.host_path;
    if (job.action == package_action::install)
        prepared.wanted = python::wanted_distributions(tool, request);
    return prepared;
}

// What the installer says it did, held against the environment.
std::optional<error> check_installed(const package_job& job, const python::package_backend& tool,
                                     const std::vector<std::string>& wanted,
                                     const python::tool_result& result) {
    const auto venv = job.host_path + "/venv";
    if (!wanted.empty()) {
        auto there = python::installed_distributions(venv);
        if (!there)
            return there.error();
        if (auto missing = python::missing_distributions(wanted, *there); !missing.empty())
            return python::not_installed(tool, missing, result);
    }
    if (job.request.project)
        if (auto good = python::check_extras_of_installed(*job.request.project, venv); !good)
            return good.error();
    return std::nullopt;
}

// What the process did.
python::backend_report report_of(const package_job& job, const python::package_backend& tool,
                                 const python::tool_result& result) {
    if (job.action != package_action::list)
        return job.action == package_action::bootstrap_pip ? python::pip_backend().parse_changes(result)
                                                           : tool.parse_changes(result);
    python::backend_report report;
    if (auto packages = tool.parse_list(result))
        report.installed = std::move(*packages);
    else
        report.failure = packages.error();
    return report;
}

std::vector<std::string> not_among(const std::vector<installed_package>& removed,
                                   const std::vector<python::requirement>& wanted) {
    std::set<std::string> gone;
    for (const auto& package : removed)
        gone.insert(python::normalized_name(package.name));
    std::vector<std::string> missing;
    for (const auto& item : wanted)
        if (!gone.contains(python::normalized_name(item.name)))
            missing.push_back(item.name);
    return missing;
}

void note_cache_use(const span& process, backend tool, const python::backend_report& report,
                    const python::tool_result& result) {
    if (!process || report.failure || report.installed.empty())
        return;
    if (auto use = python::cache_use_of(tool, result, report.installed.size())) {
        process.set("cache_hits", std::to_string(use->hits));
        process.set("cache_misses", std::to_string(use->misses));
    }
}

} // namespace

installer_state::installer_state(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)) {}

installer_actor::behavior_type installer_state::make_behavior() {
    end_on_exception(self_);
    return {[this](install_atom, package_job& job) -> caf::result<install_result> {
                auto tool = python::choose_backend(job.package_backend, shared_->tools, job.request.project);
                if (!tool)
                    return to_caf_error(tool.error());
                job.package_backend = (*tool)->kind();
                work item;
                item.job = std::move(job);
                item.origin = take_origin(package_job_of(item.job.environment_id, item.job.command_number));
                item.done = self_->make_response_promise<install_result>();
                auto done = item.done;
                wait_for_turn(std::move(item), false);
                return done;
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

// Only of what has been asked for: lists are steps of nothing.
span installer_state::step(const work& item, std::string_view what) {
    if (!item.origin)
        return {};
    auto result = span::begin(what, item.origin);
    result.set_environment(item.job.environment_id, item.job.environment_name);
    return result;
}

void installer_state::wait_for_turn(work item, bool first) {
    const auto kind = item.job.package_backend;
    item.turn = step(item, "turn");
    item.waits_since = self_->clock().now();
    shared_->turns->waits(item.job.environment_id, item.waits_since);
    auto& queue = waiting_[kind];
    queue.insert(first ? queue.begin() : queue.end(), std::move(item));
    next(kind);
}

void installer_state::next(backend kind) {
    auto& queue = waiting_[kind];
    while (running_[kind] < most_per_backend && !queue.empty()) {
        auto item = std::move(queue.front());
        queue.pop_front();
        start(std::move(item));
    }
}

void installer_state::start(work item) {
    const auto now = self_->clock().now();
    item.turn.end();
    shared_->turns->has_come(item.job.environment_id, now);
    if (item.attempts == 0)
        item.deadline = now + item.job.request.timeout;
    else
        item.deadline += now - item.waits_since;
    ++item.attempts;
    auto tool = python::find_backend(item.job.package_backend);
    if (!tool)
        return refuse(item, tool.error());
    auto number = command_of(item.job.command_number, item.attempts);
    auto prepared = prepare(*shared_, item.job, **tool, number);
    if (!prepared)
        return refuse(item, prepared.error());
    item.wanted = std::move(prepared->wanted);
    item.notes = std::move(prepared->notes);
    ++running_[item.job.package_backend];
    item.process = step(item, "installer");
    item.process.set("backend", to_string(item.job.package_backend));
    item.process.set("attempt", std::to_string(item.attempts));
    auto timed_out = std::make_shared<bool>(false);
    auto id = item.job.environment_id;
    auto timeout = self_->run_delayed(item.deadline - self_->clock().now(), [this, timed_out, id, number] {
        *timed_out = true;
        shared_->machine->kill(id, number);
    });
    shared_->machine->run(id, std::move(prepared->process),
                          resume(self_, [this, item = std::move(item), timed_out,
                                         timeout](outcome<operation_result> result) mutable {
                              timeout.dispose();
                              auto kind = item.job.package_backend;
                              --running_[kind];
                              finish(std::move(item), *timed_out, std::move(result));
                              next(kind);
                          }));
}

void installer_state::finish(work item, bool timed_out, outcome<operation_result> result) {
    if (!result)
        return refuse(item, result.error());
    item.process.set("exit_status", std::to_string(result->returncode));
    if (timed_out)
        return refuse(
            item,
            {error_code::install_failed,
             fmt::format("{} did not finish within {} s and was ended", to_string(item.job.package_backend),
                         std::chrono::duration_cast<std::chrono::seconds>(item.job.request.timeout).count()),
             {},
             "give it more time, or check that the package index can be reached"});
    auto tool = python::find_backend(item.job.package_backend);
    if (!tool)
        return refuse(item, tool.error());
    const python::tool_result ended{result->returncode, result->stdout_text, result->stderr_text,
                                    result->limits_reached};
    auto report = report_of(item.job, **tool, ended);
    if (!report.failure)
        report.failure = check_installed(item.job, **tool, item.wanted, ended);
    if (item.job.action == package_action::install)
        note_cache_use(item.process, item.job.package_backend, report, ended);
    if (report.failure && report.network_trouble && item.attempts < most_attempts)
        return retry(std::move(item), *report.failure);
    if (report.failure) {
        if (item.attempts > 1)
            report.failure->message += fmt::format(" (tried {} times)", item.attempts);
        return refuse(item, *report.failure);
    }
    install_result answer;
    answer.installed = std::move(report.installed);
    answer.removed = std::move(report.removed);
    if (item.job.action == package_action::uninstall)
        answer.missing = not_among(answer.removed, item.job.request.packages);
    if (item.job.request.project && python::has_lock(*item.job.request.project, (*tool)->lock_file()))
        answer.lock = (*tool)->lock_file();
    answer.duration = result->duration;
    answer.attempts = item.attempts;
    answer.backend = to_string(item.job.package_backend);
    item.process.end();
    std::ranges::move(result->notes, std::back_inserter(item.notes));
    answer.notes = for_user(std::move(item.notes), item.job, **tool);
    item.done.deliver(std::move(answer));
}

// The network may be back in a moment; whatever else fails will fail again.
void installer_state::retry(work item, const error& reason) {
    std::exchange(item.process, {}).fail(reason);
    auto now = self_->clock().now();
    auto pause = item.pauses.next(now, chance());
    if (now + pause >= item.deadline)
        return refuse(item, reason);
    self_->run_delayed(pause,
                       [this, item = std::move(item)]() mutable { wait_for_turn(std::move(item), true); });
}

void installer_state::refuse(const work& item, error reason) {
    reason.environment = item.job.environment_name;
    item.process.fail(reason);
    auto done = item.done;
    done.deliver(to_caf_error(reason));
}

installer_actor spawn_installer(caf::actor_system& system, std::shared_ptr<const services> shared) {
    return system.spawn<installer_actor::stateful_impl<installer_state>>(std::move(shared));
}

} // namespace gestvenv
