// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_execution.hpp"

#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/captured_output.hpp"
#include "tools/gestvenv/run/command_notes.hpp"
#include "tools/gestvenv/run/front_command.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <csignal>
#include <utility>

namespace gestvenv::cli {

namespace {

void note_limits(const operation_result& result, ending& end) {
    for (const auto& limit : result.limits_reached)
        end.limits.push_back({error_code::resources_exhausted, description_of(limit), {}, remedy_for(limit)});
}

void show(const operation_result& result, const run_request& request, const environment_info& where,
          ending& end) {
    if (request.command.streams != stream_mode::capture)
        return;
    if (auto shown = show_output(result, where.host_path); !shown)
        end.failed(shown.error(), exit_status::internal_error);
}

} // namespace

void execute(environment& where, const run_request& request, const environment_info& made,
             const run_surroundings& with, ending& end) {
    auto command = request.command;
    if (!request.artifacts.empty())
        command.variables.emplace("GESTVENV_WORK", (made.storage_path / "work").string());
    try {
        front_command front{with.signals, with.stop_grace};
        auto result = front.run(where, std::move(command));
        end.status = result.returncode;
        end.signal = front.ended_by_signal_of_caller(result);
        note_limits(result, end);
        show(result, request, made, end);
        if (request.global.verbose)
            print_log(fmt::format("the command ended with status {} after {:.3f} s, held together by {}",
                                  result.returncode, std::chrono::duration<double>(result.duration).count(),
                                  to_string(where.info().containment_in_force)));
    } catch (const command_timeout_exception& problem) {
        note_limits(problem.result(), end);
        show(problem.result(), request, made, end);
        end.failed(problem.details(), exit_status::timed_out);
    } catch (const ephemeral_exception& problem) {
        auto status = exit_status::of(problem.details().code);
        // Too late to be about the command line: by now something has been started.
        end.failed(in_terms_of_command_line(problem.details(), request, {}),
                   status == exit_status::usage ? exit_status::internal_error : status);
    }
}

void copy_artifacts(artifact_copier& artifacts, ending& end) {
    artifacts.copy();
    const auto& problem = artifacts.report().problem;
    if (!problem)
        return;
    auto status = end.status;
    end.failed(*problem, exit_status::internal_error);
    if (status != 0)
        end.status = status;
}

void tell(const artifact_copier& artifacts, bool verbose) {
    const auto& report = artifacts.report();
    for (const auto& warning : report.warnings)
        print_warning(warning);
    if (verbose && artifacts.has_rules())
        print_log(fmt::format("copied {} files of {} bytes as artifacts", report.files, report.bytes));
}

int status_after(const ending& end) {
    for (const auto& limit : end.limits)
        print_error(limit);
    for (const auto& problem : end.problems)
        print_error(problem);
    return end.status;
}

int conclude(const ending& end, const termination& signals) {
    const auto status = status_after(end);
    if (signals.received() != 0)
        termination::die(signals.received());
    if (end.signal != 0 && end.problems.empty())
        termination::die(end.signal);
    return status;
}

} // namespace gestvenv::cli
