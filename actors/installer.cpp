#include "actors/installer.hpp"

#include "actors/chance.hpp"
#include "messages/caf_error.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/installer_variables.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/format.h>

namespace gestvenv {

namespace {

// What a backend prints is short; more is kept out of memory.
constexpr std::int64_t output_kept = 4 << 20;
constexpr std::int64_t output_limit = 64 << 20;

outcome<process_request> request_for(const services& shared, const install_job& job,
                                     const python::package_backend& tool) {
    python::backend_request request;
    request.venv_path = job.storage_path + "/venv";
    request.interpreter = job.interpreter.get();
    request.packages = job.request.packages;
    for (const auto& path : job.request.requirements_files)
        request.requirements_files.push_back({path, std::nullopt});
    request.upgrade = job.request.upgrade;
    request.offline = shared.offline;
    python::variable_paths paths{request.venv_path, job.storage_path + "/tmp", {}, {}};
    request.variables = python::installer_variables(shared.caller_variables, paths);
    auto command = tool.install_command(request, shared.tools);
    if (!command)
        return failure(command.error());
    process_request process;
    process.program.command = job.command_number;
    process.program.arguments = std::move(command->arguments);
    process.program.variables = std::move(command->variables);
    process.program.working_directory = job.storage_path + "/tmp";
    process.memory_limit = output_kept;
    process.output_limit = output_limit;
    process.host_path = job.host_path;
    return process;
}

} // namespace

installer_behavior::installer_behavior(pointer self, std::shared_ptr<const services> shared)
    : self_(self), shared_(std::move(shared)) {}

installer_actor::behavior_type installer_behavior::make_behavior() {
    end_on_exception(self_);
    return {[this](install_atom, install_job& job) -> caf::result<install_result> {
                auto tool = python::choose_backend(job.package_backend, shared_->tools);
                if (!tool)
                    return to_caf_error(tool.error());
                job.package_backend = (*tool)->kind();
                work item;
                item.job = std::move(job);
                item.done = self_->make_response_promise<install_result>();
                auto done = item.done;
                auto kind = item.job.package_backend;
                waiting_[kind].push_back(std::move(item));
                next(kind);
                return done;
            },
            [](const continuation& next) -> caf::result<void> {
                next.run();
                return {};
            }};
}

void installer_behavior::next(backend kind) {
    auto& queue = waiting_[kind];
    while (running_[kind] < most_per_backend && !queue.empty()) {
        auto item = std::move(queue.front());
        queue.pop_front();
        start(std::move(item));
    }
}

void installer_behavior::start(work item) {
    if (item.attempts == 0)
        item.deadline = self_->clock().now() + item.job.request.timeout;
    ++item.attempts;
    auto tool = python::find_backend(item.job.package_backend);
    if (!tool)
        return refuse(item, tool.error());
    auto process = request_for(*shared_, item.job, **tool);
    if (!process)
        return refuse(item, process.error());
    // Each attempt is a command of its own.
    auto number = item.job.command_number + (static_cast<std::uint64_t>(item.attempts - 1) << 32);
    process->program.command = number;
    ++running_[item.job.package_backend];
    auto timed_out = std::make_shared<bool>(false);
    auto id = item.job.environment_id;
    auto timeout = self_->run_delayed(item.deadline - self_->clock().now(), [this, timed_out, id, number] {
        *timed_out = true;
        shared_->host->kill(id, number);
    });
    shared_->host->run(id, std::move(*process),
                       resume(self_, [this, item = std::move(item), timed_out,
                                      timeout](outcome<operation_result> result) mutable {
                           timeout.dispose();
                           auto kind = item.job.package_backend;
                           --running_[kind];
                           finish(std::move(item), *timed_out, std::move(result));
                           next(kind);
                       }));
}

void installer_behavior::finish(work item, bool timed_out, outcome<operation_result> result) {
    if (!result)
        return refuse(item, result.error());
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
    auto report = (*tool)->parse_install({result->returncode, result->stdout_text, result->stderr_text});
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
    answer.duration = result->duration;
    answer.attempts = item.attempts;
    answer.backend = to_string(item.job.package_backend);
    item.done.deliver(std::move(answer));
}

// The network may be back in a moment; whatever else fails will fail again.
void installer_behavior::retry(work item, const error& reason) {
    auto now = self_->clock().now();
    auto pause = item.pauses.next(now, chance());
    if (now + pause >= item.deadline)
        return refuse(item, reason);
    self_->run_delayed(pause, [this, item = std::move(item)]() mutable {
        auto kind = item.job.package_backend;
        waiting_[kind].push_front(std::move(item));
        next(kind);
    });
}

void installer_behavior::refuse(const work& item, error reason) {
    reason.environment = item.job.environment_name;
    auto done = item.done;
    done.deliver(to_caf_error(reason));
}

installer_actor spawn_installer(caf::actor_system& system, std::shared_ptr<const services> shared) {
    return system.spawn<installer_actor::stateful_impl<installer_behavior>>(std::move(shared));
}

} // namespace gestvenv
