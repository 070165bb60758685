// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_command.hpp"

#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/progress_line.hpp"
#include "tools/gestvenv/output/receipt_output.hpp"
#include "tools/gestvenv/program.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"
#include "tools/gestvenv/run/artifact_copy.hpp"
#include "tools/gestvenv/run/command_notes.hpp"
#include "tools/gestvenv/run/declared_script.hpp"
#include "tools/gestvenv/run/interpreter_wish.hpp"
#include "tools/gestvenv/run/preflight.hpp"
#include "tools/gestvenv/run/run_configuration.hpp"
#include "tools/gestvenv/run/run_execution.hpp"
#include "tools/gestvenv/run/run_existing.hpp"
#include "tools/gestvenv/run/run_help.hpp"
#include "tools/gestvenv/run/run_options.hpp"
#include "tools/gestvenv/run/run_traces.hpp"
#include "tools/gestvenv/run/script_packages.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

/// After a signal that stops the program: for artifacts, and for what is beside that and `stop_grace`.
constexpr std::chrono::milliseconds time_for_artifacts{300};
constexpr std::chrono::milliseconds time_to_tidy{500};

double seconds_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::string description_of(const environment_spec& spec) {
    if (spec.project)
        return fmt::format("installing {}", std::filesystem::path{spec.project->folder}.filename().native());
    if (spec.requirements_file)
        return fmt::format("installing what {} lists",
                           std::filesystem::path{*spec.requirements_file}.filename().native());
    if (spec.packages.empty())
        return "making an environment";
    if (spec.packages.size() == 1)
        return fmt::format("installing {}", spec.packages.front());
    return fmt::format("installing {} packages", spec.packages.size());
}

void log_creation(const environment_info& made, double seconds) {
    print_log(fmt::format(
        "{} ({}) is ready after {:.3f} s: Python {}, backend {}, storage {}, isolation {}, security {}",
        made.name, made.id, seconds, made.python_version, to_string(made.package_backend),
        to_string(made.storage), to_string(made.isolation_in_force), to_string(made.security)));
    if (!made.packages.empty())
        print_log(fmt::format("installed {}", fmt::join(made.packages, " ")));
}

/// Of the environment that could not be completed: it has been taken down by now. Nothing where none was begun.
std::optional<teardown_receipt> receipt_of_failed(runtime& machine) {
    try {
        for (const auto& event : machine.events())
            if (event.kind == event_kind::environment_failed)
                return machine.cleanup(event.environment_id, true);
    } catch (const cleanup_exception& problem) {
        return problem.receipt();
    } catch (const ephemeral_exception& problem) {
        print_warning(fmt::format("there is no receipt: {}", problem.details().message));
    }
    return std::nullopt;
}

std::optional<environment> create(runtime& machine, const run_request& request, const interpreter_wish& wish,
                                  ending& end) {
    const auto began = std::chrono::steady_clock::now();
    std::optional<environment> made;
    try {
        // With --verbose the log has the terminal to itself.
        progress_line progress{description_of(request.environment),
                               !request.global.verbose && progress_can_be_shown()};
        made = machine.create(request.environment);
    } catch (const ephemeral_exception& problem) {
        end.failed(in_terms_of_command_line(problem.details(), request, wish),
                   exit_status::of(problem.details().code));
    }
    if (made && request.global.verbose) {
        const auto info = made->info();
        log_creation(info, seconds_since(began));
        const auto python = interpreter_of(info);
        print_log(fmt::format("its Python is {}: {}", python.native(),
                              reason_for(wish, machine.configuration().default_python_version, python)));
    }
    return made;
}

/// With the runtime, which has served: one question instead of two. Not among its receipts is what has ended by
/// itself; and what has left something is asked for again, for the words that go with that.
teardown_receipt end_everything(runtime& machine, environment& what) {
    const auto id = what.id();
    for (auto& receipt : machine.shutdown())
        if (receipt.environment_id == id && receipt.clean()) {
            what.release();
            return std::move(receipt);
        }
    return what.destroy();
}

void destroy(runtime& machine, environment& what, ending& end) {
    try {
        end.receipt = end_everything(machine, what);
    } catch (const cleanup_exception& problem) {
        end.receipt = problem.receipt();
        // That the journal cannot be written is no matter of the command's: everything else is gone, and the
        // next start crosses it out.
        const auto& residue = end.receipt->residue;
        if (std::all_of(residue.begin(), residue.end(),
                        [](const auto& left) { return left.kind == "journal"; }))
            for (const auto& left : residue)
                print_warning(fmt::format("the environment is gone, and that cannot be noted: {}", left.why));
        else
            end.failed(problem.details(), exit_status::internal_error);
    } catch (const ephemeral_exception& problem) {
        // Gone by itself: what its command was told says why.
        if (end.problems.empty())
            end.failed(problem.details(), exit_status::internal_error);
    }
}

/// Where the environment ended under its command, that is the news, not how the command took it.
void explain_early_end(const run_request& request, ending& end) {
    if (!end.receipt || end.receipt->reason == cleanup_reason::requested)
        return;
    bool cut_short = !end.problems.empty() || end.status == exit_status::signal_base + SIGTERM ||
                     end.status == exit_status::signal_base + SIGKILL;
    if (!cut_short)
        return;
    error problem{error_code::environment_gone,
                  fmt::format("the environment ended before its command: {}", to_string(end.receipt->reason)),
                  end.receipt->environment_name,
                  {}};
    if (end.receipt->limit) {
        problem.message += ": " + description_of(*end.receipt->limit);
        problem.hint = remedy_for(*end.receipt->limit);
    }
    if (end.receipt->reason == cleanup_reason::ttl_expired)
        problem.hint = fmt::format("its time to live was {} s, installing included; --ttl sets another",
                                   request.environment.ttl->count());
    end.problems.clear();
    end.failed(problem, exit_status::internal_error);
}

/// Stops whatever is under way, from the thread of the signal.
void stop(runtime& machine, artifact_copier& artifacts, ending& stopped) {
    artifacts.copy_within(time_for_artifacts);
    if (const auto& problem = artifacts.report().problem)
        stopped.failed(*problem, exit_status::internal_error);
    try {
        for (auto& receipt : machine.shutdown())
            stopped.receipt = std::move(receipt);
    } catch (const ephemeral_exception& problem) {
        stopped.failed(problem.details(), exit_status::internal_error);
    }
}

// That a build writes into the caller's files is for everybody to know; what was asked for so, for the
// curious.
void show_notes(const environment_info& made, bool verbose) {
    for (const auto& note : made.notes)
        if (note.find(" has no overlay: ") != std::string::npos)
            print_warning(note);
        else if (verbose)
            print_log(note);
}

void run_in(environment& where, const run_request& request, const interpreter_wish& wish,
            const run_surroundings& with, ending& end) {
    environment_info made;
    try {
        made = where.info();
        show_notes(made, request.global.verbose);
    } catch (const ephemeral_exception& problem) { // it has ended already
        return end.failed(problem.details(), exit_status::internal_error);
    }
    with.artifacts.environment_is_at(made.host_path);
    if (auto note = note_on_outer_script(request, made, wish.context))
        print_warning(*note);
    execute(where, request, made, with, end);
    copy_artifacts(with.artifacts, end);
}

ending make_and_run(const run_request& request, const interpreter_wish& wish, runtime_options options,
                    artifact_copier& artifacts, termination& signals) {
    const run_surroundings with{artifacts, signals, options.config.stop_grace};
    ending end;
    ending stopped;
    try {
        adopted_children launcher;
        options.ends_with_process = ends_without_destructors;
        have_terminal_of_streams_restored();
        runtime machine{std::move(options)};
        // Destroyed before the runtime, which a stop function under way still uses.
        struct stopping {
            termination& signals;
            ~stopping() { signals.stop_no_more(); }
        } until_here{signals};
        signals.stop_with([&] { stop(machine, artifacts, stopped); });
        if (auto made = create(machine, request, wish, end)) {
            run_in(*made, request, wish, with, end);
            destroy(machine, *made, end);
            explain_early_end(request, end);
        } else if ((request.receipt || request.global.verbose) && signals.received() == 0) {
            end.receipt = receipt_of_failed(machine);
        }
    } catch (const ephemeral_exception& problem) { // of the runtime's own start
        end.failed(problem.details(), exit_status::of(problem.details().code));
    }
    if (signals.received() == 0)
        return end;
    // What was under way failed because it was stopped; only what stopping itself says is news.
    if (!stopped.receipt)
        stopped.receipt = end.receipt;
    return stopped;
}

/// The journal is a file that grows in steps. A soft limit is lifted by now, and a hard one where that is
/// allowed.
outcome<void> check_file_size_limit() {
    constexpr rlim_t needed = 512 << 10;
    rlimit left{};
    if (::getrlimit(RLIMIT_FSIZE, &left) != 0 || left.rlim_cur == RLIM_INFINITY || left.rlim_cur >= needed)
        return {};
    return failure(
        error_code::system_failure,
        fmt::format("files may not be larger than {} bytes here (RLIMIT_FSIZE), and the journal takes {}",
                    left.rlim_cur, needed),
        "for the command alone set the soft limit: ulimit -S -f N");
}

/// Its folder, where it starts in the environment's own too.
std::filesystem::path folder_of(const run_request& request, const python::search_context& context) {
    const auto& folder = request.command.working_directory;
    return folder.empty() ? context.working_folder : folder;
}

/// What the command line and the script ask for, before anything is started.
struct prepared_run {
    runtime_options options;
    interpreter_wish wish;
    std::optional<otlp_settings> collector;
};

outcome<prepared_run> prepare_run(run_request& request, const python::search_context& context) {
    auto configured = configure(request);
    if (!configured)
        return failure(std::move(configured).error());
    auto& options = configured->options;
    auto collector = collector_of_run(configured->traces);
    if (auto good = prepare(request, context); !good)
        return failure(std::move(good).error());
    const auto folder = folder_of(request, context);
    auto script = read_script(request.command, folder, request.is_from_input);
    if (!script)
        return failure(std::move(script).error());
    if (*script) {
        const auto& metadata = (*script)->metadata;
        for (const auto& warning : metadata.warnings)
            print_warning(warning);
        if (!metadata.dependencies.empty() && request.global.verbose)
            print_log(fmt::format("{} needs {}", (*script)->name, fmt::join(metadata.dependencies, ", ")));
        if (auto good = add_packages(request.environment, **script, options.config.default_backend); !good)
            return failure(std::move(good).error());
    }
    auto wish = wish_of(request.environment, folder, *script ? &**script : nullptr, context);
    if (!wish)
        return failure(std::move(wish).error());
    for (const auto& warning : wish->warnings)
        print_warning(warning);
    request.environment.python_version = wish->wanted;
    options.preferred_python = wish->preferred;
    return prepared_run{std::move(options), std::move(*wish), std::move(collector)};
}

int run_in_new(run_request& request, const python::search_context& context) {
    auto prepared = prepare_run(request, context);
    if (!prepared) {
        print_error(prepared.error());
        return exit_status::usage;
    }
    auto signals = std::make_unique<termination>(prepared->options.config.stop_grace + time_for_artifacts +
                                                 time_to_tidy);
    const auto traces = begin_trace(std::move(prepared->collector));
    artifact_copier artifacts{request.artifacts};
    auto end = make_and_run(request, prepared->wish, std::move(prepared->options), artifacts, *signals);
    tell(artifacts, request.global.verbose);
    if (request.global.verbose && end.receipt)
        print_log(fmt::format("teardown:\n{}", readable(*end.receipt)));
    if (request.receipt && end.receipt)
        if (auto written = write_receipt(*request.receipt, *end.receipt); !written)
            end.failed(written.error(), exit_status::internal_error);
    end_trace(traces.get(), end);
    auto status = conclude(end, *signals);
    if (ends_without_destructors) {
        signals->leave();
        static_cast<void>(signals.release());
    }
    return status;
}

int run(run_request& request) {
    if (auto enough = check_file_size_limit(); !enough) {
        print_error(enough.error());
        return exit_status::internal_error;
    }
    const auto context = python::search_context_from_process();
    return request.existing ? run_existing(request, context) : run_in_new(request, context);
}

} // namespace

constinit const command run_command{
    .name = "run",
    .description = run_description,
    .operands = "[--] CMD [ARGUMENT...]",
    .footer = run_footer,
    .passes_words_on = true,
    .action = acts_on<run_request, add_run_options, check_run, run>(),
};

} // namespace gestvenv::cli
