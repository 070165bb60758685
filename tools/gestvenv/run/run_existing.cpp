// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_existing.hpp"

#include "messages/shown_text.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/caller_settings.hpp"
#include "tools/gestvenv/run/preflight.hpp"
#include "tools/gestvenv/run/run_execution.hpp"
#include "tools/gestvenv/run/run_remote.hpp"
#include "tools/gestvenv/run/script_packages.hpp"
#include "tools/gestvenv/terminal/terminal_modes.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

/// What a signal that stops the program may take beside `stop_grace`.
constexpr std::chrono::milliseconds time_to_tidy{500};

outcome<std::string> socket_of_node(const run_request& request) {
    auto node = find_node(request.node);
    if (!node)
        return failure(std::move(node).error());
    const auto& wanted = *request.existing;
    if (!*node)
        return failure(with_nearest_names(
            error{error_code::environment_not_found,
                  fmt::format("no environment is named {}: no node runs, which would hold it", shown(wanted)),
                  wanted,
                  {}},
            wanted, {}));
    return (*node)->socket;
}

/// With the names that may have been meant, or how the environment ended.
error not_found(error problem, const client& node, const std::string& wanted) {
    living_at_node there;
    try {
        there.living = node.list();
    } catch (const ephemeral_exception&) { // NOLINT(bugprone-empty-catch)
        // The error that is known already is the one that counts.
    }
    problem = with_nearest_names(std::move(problem), wanted, there);
    if (there.living.empty() && problem.hint.find("did you mean") == std::string::npos)
        problem.hint = fmt::format("there is none; make one: gestvenv ephemeral create {}", wanted);
    return problem;
}

environment attach(client& node, const std::string& wanted) {
    try {
        return node.attach(wanted);
    } catch (const environment_not_found_exception& problem) {
        throw_as_exception(not_found(problem.details(), node, wanted));
    }
}

/// Where the environment or its node ended under the command, that is the news, not how the command took it.
void explain_early_end(environment& where, const std::string& wanted, const termination& signals,
                       ending& end) {
    const bool cut_short = end.problems.empty() && signals.received() == 0 && end.signal == 0 &&
                           (end.status == exit_status::signal_base + SIGTERM ||
                            end.status == exit_status::signal_base + SIGKILL);
    if (!cut_short)
        return;
    std::string why = "it is being taken down";
    try {
        const auto now = where.info().status;
        if (now == environment_status::ready || now == environment_status::running)
            return; // someone ended the command alone
    } catch (const ephemeral_exception& problem) {
        why = problem.details().message;
    }
    end.failed({error_code::environment_gone, "the environment ended before its command: " + why, wanted, {}},
               exit_status::internal_error);
}

ending run_in_node(const run_request& request, const declared_script* script, const std::string& socket,
                   artifact_copier& artifacts, termination& signals, std::chrono::milliseconds stop_grace) {
    ending end;
    try {
        client_options options;
        options.socket = socket;
        options.log = print_warning;
        client node{std::move(options)};
        auto where = attach(node, *request.existing);
        const auto made = where.info();
        artifacts.environment_is_at(made.host_path);
        if (script != nullptr)
            if (auto there = provide_packages(where, made, *script, request.installs_missing); !there) {
                end.failed(there.error(), exit_status::internal_error);
                return end;
            }
        have_terminal_of_streams_restored();
        execute(where, request, made, {artifacts, signals, stop_grace}, end);
        copy_artifacts(artifacts, end);
        explain_early_end(where, *request.existing, signals, end);
    } catch (const ephemeral_exception& problem) {
        end.failed(problem.details(), exit_status::internal_error);
    }
    return end;
}

} // namespace

outcome<void> check_run_existing(const run_request& request) {
    if (request.existing->empty())
        return bad_value("--env is empty", "gestvenv ephemeral list names the environments that there are");
    const auto& spec = request.environment;
    const auto& limits = spec.resource_limits;
    const environment_spec usual;
    const std::array<std::pair<bool, std::string_view>, 23> given{{
        {!spec.packages.empty(), "--packages"},
        {spec.requirements_file.has_value(), "--requirements"},
        {spec.project.has_value(), "--project"},
        {!spec.build_variables.empty(), "--build-env"},
        {spec.with_pip, "--with-pip"},
        {spec.package_backend.has_value(), "--backend"},
        {spec.python_version.has_value(), "--python"},
        {spec.ttl.has_value(), "--ttl"},
        {spec.max_idle_time.has_value(), "--max-idle-time"},
        {limits.max_memory.has_value(), "--max-memory"},
        {limits.max_disk != usual.resource_limits.max_disk, "--max-disk"},
        {request.max_processes.has_value(), "--max-processes"},
        {request.max_threads.has_value(), "--max-threads"},
        {limits.max_cpu_percent.has_value(), "--max-cpu-percent"},
        {limits.network_access != usual.resource_limits.network_access, "--no-network"},
        {spec.storage_backend.has_value(), "--storage"},
        {spec.shm != usual.shm, "--shm"},
        {spec.isolation.has_value(), "--isolation"},
        {spec.security.has_value(), "--security"},
        {spec.strict, "--strict"},
        {!spec.name.empty(), "--name"},
        {!spec.tags.empty(), "--tag"},
        {request.receipt.has_value(), "--receipt"},
    }};
    for (const auto& [is_given, option] : given)
        if (is_given)
            return bad_value(
                fmt::format("--env and {} are both given", option),
                "--env runs CMD in an environment that is there already: its packages, limits and end are "
                "those it was made with");
    return {};
}

int run_existing(run_request& request, const python::search_context& context) {
    if (is_run_elsewhere(request))
        return run_elsewhere(request);
    auto script = prepare(request, context).and_then([&] {
        const auto& folder = request.command.working_directory;
        return read_script(request.command, folder.empty() ? context.working_folder : folder,
                           request.is_from_input);
    });
    if (!script) {
        print_error(script.error());
        return exit_status::usage;
    }
    if (*script)
        for (const auto& warning : (*script)->metadata.warnings)
            print_warning(warning);
    std::chrono::milliseconds stop_grace{};
    try {
        stop_grace = load_configuration({.file = request.global.configuration_file}).config.stop_grace;
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::usage;
    }
    auto socket = socket_of_node(request);
    if (!socket) {
        print_error(socket.error());
        return exit_status::internal_error;
    }
    auto elsewhere = request;
    elsewhere.command.process_settings = settings_of_caller();
    std::optional<termination> own;
    auto& signals =
        request.global.signals != nullptr ? *request.global.signals : own.emplace(stop_grace + time_to_tidy);
    artifact_copier artifacts{request.artifacts};
    auto end = run_in_node(elsewhere, *script ? &**script : nullptr, *socket, artifacts, signals, stop_grace);
    tell(artifacts, request.global.verbose);
    return own ? conclude(end, signals) : status_after(end);
}

} // namespace gestvenv::cli
