#include "actors/installer.hpp"

#include "messages/caf_error.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/installer_variables.hpp"

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
                work item{std::move(job), self_->make_response_promise<install_result>()};
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
    auto refuse = [&item](error reason) {
        reason.environment = item.job.environment_name;
        item.done.deliver(to_caf_error(reason));
    };
    auto tool = python::find_backend(item.job.package_backend);
    if (!tool)
        return refuse(tool.error());
    auto process = request_for(*shared_, item.job, **tool);
    if (!process)
        return refuse(process.error());
    ++running_[item.job.package_backend];
    auto timed_out = std::make_shared<bool>(false);
    auto id = item.job.environment_id;
    auto number = item.job.command_number;
    auto timeout = self_->run_delayed(item.job.request.timeout, [this, timed_out, id, number] {
        *timed_out = true;
        shared_->host->kill(id, number);
    });
    shared_->host->run(id, std::move(*process),
                       resume(self_, [this, item = std::move(item), timed_out,
                                      timeout](outcome<operation_result> result) mutable {
                           timeout.dispose();
                           auto kind = item.job.package_backend;
                           --running_[kind];
                           finish(item, *timed_out, std::move(result));
                           next(kind);
                       }));
}

void installer_behavior::finish(const work& item, bool timed_out, outcome<operation_result> result) {
    auto done = item.done;
    auto refuse = [&](error reason) {
        reason.environment = item.job.environment_name;
        done.deliver(to_caf_error(reason));
    };
    if (!result)
        return refuse(result.error());
    if (timed_out)
        return refuse(
            {error_code::install_failed,
             fmt::format("{} did not finish within {} s and was ended", to_string(item.job.package_backend),
                         std::chrono::duration_cast<std::chrono::seconds>(item.job.request.timeout).count()),
             {},
             "give it more time, or check that the package index can be reached"});
    auto tool = python::find_backend(item.job.package_backend);
    if (!tool)
        return refuse(tool.error());
    auto report = (*tool)->parse_install({result->returncode, result->stdout_text, result->stderr_text});
    if (report.failure)
        return refuse(*report.failure);
    install_result answer;
    answer.installed = std::move(report.installed);
    answer.duration = result->duration;
    answer.backend = to_string(item.job.package_backend);
    done.deliver(std::move(answer));
}

installer_actor spawn_installer(caf::actor_system& system, std::shared_ptr<const services> shared) {
    return system.spawn<installer_actor::stateful_impl<installer_behavior>>(std::move(shared));
}

} // namespace gestvenv
