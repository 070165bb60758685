// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor_command.hpp"

#include "system/python/installed_interpreters.hpp"
#include "tools/gestvenv/adopted_children.hpp"
#include "tools/gestvenv/diagnosis_json.hpp"
#include "tools/gestvenv/diagnosis_table.hpp"
#include "tools/gestvenv/doctor_checks.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/machine_advice.hpp"
#include "tools/gestvenv/output.hpp"
#include "tools/gestvenv/progress_line.hpp"
#include "tools/gestvenv/termination.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr int needed_is_missing = 1;

/// What the environments of the storage trials are asked for: one of those that are to be tried.
std::optional<std::string> first_needed(const diagnosis& found) {
    for (const auto& one : found.interpreters)
        if (one.needed && one.missing.why.empty())
            return one.request;
    return std::nullopt;
}

/// Without the rest nothing is worth trying.
ability runtime_that_does_not_start(const error& problem) {
    ability one;
    one.name = "runtime";
    one.available = false;
    one.needed = true;
    one.missing = in_short(problem, backend::automatic);
    return one;
}

void try_all(runtime& machine, const runtime_config& configured, const doctor_request& request,
             const std::atomic<bool>& stopped, diagnosis& found) {
    progress_line progress{"looking at the machine", !request.global.verbose && progress_can_be_shown()};
    found.abilities = explain(machine.abilities(), read_machine_facts());
    auto storages = try_storages(machine, configured, first_needed(found));
    // Storage stands between what processes can do and the limits.
    auto limits = found.abilities.begin();
    while (limits != found.abilities.end() && limits->kind == ability::group::processes)
        ++limits;
    found.abilities.insert(limits, storages.begin(), storages.end());
    if (request.quick)
        return;
    try_installations(machine, found, {request.timeout, &stopped, [&](const std::string& text) {
                                           progress.say(text);
                                           if (request.global.verbose)
                                               print_log(text);
                                       }});
}

void examine(const runtime_config& configured, const doctor_request& request, termination& signals,
             diagnosis& found) {
    runtime_options options;
    options.config = configured;
    options.try_machine_again = true;
    options.offline = request.global.offline;
    options.warn = print_warning;
    if (request.global.verbose)
        options.log = print_log;
    std::atomic<bool> stopped = false;
    try {
        adopted_children launcher;
        runtime machine{std::move(options)};
        // Destroyed before the runtime, which a stop function under way still uses.
        struct stopping {
            termination& signals;
            ~stopping() { signals.stop_no_more(); }
        } until_here{signals};
        signals.stop_with([&] {
            stopped = true;
            try {
                machine.shutdown();
            } catch (const ephemeral_exception& problem) {
                print_error(problem.details());
            }
        });
        try_all(machine, configured, request, stopped, found);
    } catch (const ephemeral_exception& problem) {
        if (signals.received() == 0)
            found.abilities.push_back(runtime_that_does_not_start(problem.details()));
    }
}

/// As `gestvenv run` would search from here.
python::search_context context_of_caller() {
    auto context = python::search_context_from_process();
    context.preferred_python = python::first_on_path(context).value_or(std::filesystem::path{});
    return context;
}

/// What is looked for, and found without a runtime.
outcome<diagnosis> look(const doctor_request& request, const runtime_config& configured) {
    const auto context = context_of_caller();
    auto interpreters = find_interpreters_to_try(request.pythons, configured.default_python_version, context);
    if (!interpreters)
        return failure(std::move(interpreters).error());
    diagnosis found;
    found.quick = request.quick;
    found.offline = request.global.offline;
    found.interpreters = std::move(*interpreters);
    found.backends = find_backends_to_try(request.backends, configured.default_backend,
                                          python::find_tools_folder(context));
    return found;
}

int show(const diagnosis& found, doctor_request::output_format format) {
    bool json = format == doctor_request::output_format::json;
    if (auto status = print(json ? as_json(found) : as_table(found)); status != 0)
        return status;
    auto wrong = complaints(found);
    for (auto& sentence : wrong)
        print_error({error_code::creation_failed,
                     std::move(sentence),
                     {},
                     json ? "`remedy` names what supplies it" : "the reasons above name what supplies it"});
    return wrong.empty() ? 0 : needed_is_missing;
}

} // namespace

int doctor_command(const doctor_request& request) {
    runtime_config configured;
    try {
        configured = load_configuration({.file = request.global.configuration_file}).config;
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::usage;
    }
    auto found = look(request, configured);
    if (!found) {
        print_error(found.error());
        return exit_status::usage;
    }
    termination signals;
    examine(configured, request, signals, *found);
    if (signals.received() != 0)
        termination::die(signals.received());
    return show(*found, request.format);
}

} // namespace gestvenv::cli
