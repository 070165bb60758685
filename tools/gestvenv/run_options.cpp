// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run_options.hpp"

#include "messages/listed_words.hpp"
#include "messages/validation.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <gestvenv/runtime_config.hpp>

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

// What this version can do; the enumerations of the API name more.
constexpr std::array isolation_levels{isolation_level::process};
constexpr std::array security_modes{security_mode::restricted, security_mode::permissive};
constexpr std::array whose_memory{shared_memory::private_, shared_memory::host};
constexpr std::array whose_home{home_folder::private_, home_folder::host};
constexpr std::array storages{storage_backend::tmpfs, storage_backend::memory, storage_backend::disk};

/// Appends what `parse` makes of a value to a list.
template <class Parse, class Target>
option::reader appended_to(std::vector<Target>& list, Parse parse) {
    return [&list, parse](const std::string& option, const std::string& text) {
        return parse(option, text).map([&list](Target value) { list.push_back(std::move(value)); });
    };
}

/// Sets what `parse` makes of a value, a name and its value, in a map.
template <class Parse>
option::reader entered_in(std::map<std::string, std::string>& map, Parse parse) {
    return [&map, parse](const std::string& option, const std::string& text) {
        return parse(option, text).map([&map](std::pair<std::string, std::string> entry) {
            map[std::move(entry.first)] = std::move(entry.second);
        });
    };
}

// The parts of a project may come in any order.
project_source& project_in(environment_spec& spec) {
    return spec.project ? *spec.project : spec.project.emplace();
}

void add_project(option_table& table, environment_spec& spec, std::string_view group) {
    auto part = [&spec](auto add) {
        return [&spec, add](const std::string& option, const std::string& text) {
            return any_text(option, text).map([&](std::string value) {
                add(project_in(spec), std::move(value));
            });
        };
    };
    table.add({"--project", "DIR", "install the project in this folder, from its lock if it has one", group},
              part([](project_source& project, std::string value) { project.folder = std::move(value); }));
    table.add_repeatable(
        {"--extra", "NAME", "install this extra of the project", group},
        part([](project_source& project, std::string value) { project.extras.push_back(std::move(value)); }));
    table.add_repeatable(
        {"--group", "NAME", "install this dependency group of the project", group},
        part([](project_source& project, std::string value) { project.groups.push_back(std::move(value)); }));
}

/// `python3.12`, as other tools take it, is 3.12.
outcome<std::string> python_named(const std::string& option, const std::string& text) {
    constexpr std::string_view prefix = "python";
    auto version = text.starts_with(prefix) ? text.substr(prefix.size()) : std::string{};
    return any_text(option, python::parse_interpreter_version(version) ? version : text);
}

void add_contents(option_table& table, environment_spec& spec) {
    constexpr std::string_view group = "packages and Python";
    table.add_repeatable(
        {"--packages", "A,B", "packages to install, as PEP 508 writes them: requests, 'rich>=13,<14'", group},
        [&spec](const std::string& option, const std::string& text) -> outcome<void> {
            if (text.empty())
                return bad_value(fmt::format("{} is empty", option), "leave it out to install nothing");
            for (auto& package : split_packages(text))
                spec.packages.push_back(std::move(package));
            return {};
        });
    table.add(
        {"--requirements", "FILE", "install what a requirements file lists, instead of --packages", group},
        into(spec.requirements_file, any_text));
    add_project(table, spec, group);
    table.add_repeatable(
        {"--build-env", "NAME",
         "set a variable for builds during installation: NAME=VALUE, or NAME to pass on its value here",
         group},
        entered_in(spec.build_variables, parse_build_variable));
    table.add_flag({"--with-pip", "",
                    "install the interpreter's bundled pip too; installing packages does not need it", group},
                   spec.with_pip);
    auto backends = python::backend_kinds();
    backends.push_back(backend::automatic);
    add_choice(
        table,
        {"--backend", "NAME",
         fmt::format("package installer: {} (default: default_backend, {})",
                     listed(spellings_of(backends), "or"), to_string(runtime_config{}.default_backend)),
         group},
        spec.package_backend, backends);
    table.add({"--python", "VERSION",
               "3.12, 3.12.1, '>=3.10', or an interpreter's path (default: .python-version, requires-python "
               "of the project or script, default_python_version, python3 in PATH; the first that is set)",
               group},
              into(spec.python_version, python_named));
}

void add_command(option_table& table, run_request& request) {
    constexpr std::string_view group = "command";
    auto& command = request.command;
    table.add({"--cwd", "DIR", "working folder of CMD (default: the current one)", group},
              into(command.working_directory, any_text));
    table.add_flag({"--work-folder", "",
                    "start CMD in the environment's own work folder, which is removed at the end", group},
                   request.in_work_folder);
    table.add_flag({"--shell", "", "CMD is one line for a shell: bash, else sh", group}, command.shell);
    table.add(
        {"--timeout", "TIME", "end CMD and all its descendants after this time (default: never)", group},
        into(command.timeout, parse_timeout));
    table.add_repeatable(
        {"--set-env", "NAME=VALUE", "set a variable for CMD; may be given several times", group},
        entered_in(command.variables, parse_variable));
    table.add_repeatable({"--pass-env", "NAME",
                          "pass on a variable that is set here, such as a secret; passed by default: PATH, "
                          "language, terminal, proxies, certificates, CI markers",
                          group},
                         appended_to(request.passed_variables, parse_variable_name));
    table.add_repeatable({"--env-file", "FILE",
                          "set variables from a file of NAME=VALUE lines; --set-env overrides it", group},
                         appended_to(request.variable_files, any_text));
    table.add_repeatable({"--pass-fd", "N",
                          "pass on an open descriptor at its number; descriptors that CMD names (/dev/fd/63) "
                          "are passed by default",
                          group},
                         appended_to(command.passed_descriptors, parse_count));
    add_choice(table,
               {"--home", "KIND",
                "HOME of CMD: private (empty, removed at the end) or host, your own (default private)",
                group},
               request.home, whose_home);
    table.add_repeatable(
        {"--grant", "PATH=MODE",
         "allow CMD to read or write a path; at --isolation process it already reaches all files of its user",
         group},
        appended_to(command.grants, parse_grant));
    // The limits of what is kept mean something only where the output passes through our hands.
    auto captured = [&command](std::int64_t& limit) {
        return [&command, &limit](const std::string& option, const std::string& text) {
            return parse_bytes(option, text).map([&command, &limit](std::int64_t size) {
                limit = size;
                command.streams = stream_mode::capture;
            });
        };
    };
    table.add({"--output-limit", "SIZE",
               "capture the output and print at most this much of each stream at the end (64M if only "
               "--output-memory is given); CMD has no input then",
               group},
              captured(command.output_limit));
    table.add({"--output-memory", "SIZE",
               "as --output-limit; keep this much of each stream in memory, the rest in the environment "
               "(default 4M)",
               group},
              captured(command.memory_limit));
}

void add_results(option_table& table, run_request& request) {
    constexpr std::string_view group = "results";
    table.add_repeatable({"--artifacts", "GLOB=DIR",
                          "after CMD, also after a failure, copy files from the environment's work folder "
                          "($GESTVENV_WORK) into DIR; may be given several times",
                          group},
                         appended_to(request.artifacts, parse_artifact));
    table.add({"--receipt", "FILE",
               "write the teardown receipt (removed resources, residue) as JSON; - is standard error", group},
              into(request.receipt, any_text));
}

void add_limits(option_table& table, run_request& request) {
    constexpr std::string_view group = "limits and isolation";
    auto& spec = request.environment;
    auto& limits = spec.resource_limits;
    table.add({"--ttl", "TIME",
               "end the environment after this time, installation included (default: default_ttl if "
               "configured, else unlimited)",
               group},
              into(spec.ttl, parse_lifetime));
    table.add({"--max-idle-time", "TIME",
               "end the environment after this time without activity; a running CMD is activity (default: "
               "unlimited)",
               group},
              into(spec.max_idle_time, parse_lifetime));
    table.add({"--max-memory", "SIZE", "memory limit; files in RAM are not counted", group},
              into(limits.max_memory, parse_megabytes));
    table.add({"--max-disk", "SIZE", "size of its storage (default 4G)", group},
              into(limits.max_disk, parse_megabytes));
    table.add({"--max-processes", "N",
               "processes at a time (default: default_max_processes if configured, else unlimited)", group},
              into(request.max_processes, parse_count_limit));
    table.add({"--max-threads", "N",
               "threads at a time, over all processes, which count as threads (default: default_max_threads "
               "if configured, else unlimited)",
               group},
              into(request.max_threads, parse_count_limit));
    table.add({"--max-cpu-percent", "N", "CPU limit, in percent of one core", group},
              into(limits.max_cpu_percent, parse_percent));
    table.add_flag({"--no-network", "", "run CMD without network access (refused in this version)", group},
                   limits.network_access, false);
    add_choice(table,
               {"--storage", "KIND",
                "location of the environment's files: tmpfs (in memory), memory (/dev/shm) or disk (default: "
                "storage_backend, tmpfs)",
                group},
               spec.storage_backend, storages);
    add_choice(table,
               {"--shm", "KIND",
                "shared memory, semaphores and /dev/shm: private (removed with the environment) or host "
                "(default private)",
                group},
               spec.shm, whose_memory);
    add_choice(table,
               {"--isolation", "LEVEL",
                "isolation level: process (default: default_isolation_level, process)", group},
               spec.isolation, isolation_levels);
    add_choice(table,
               {"--security", "MODE",
                "rights of CMD: restricted or permissive (default: default_security_mode, restricted)",
                group},
               spec.security, security_modes);
    table.add_flag({"--strict", "", "fail unless a pid namespace or a cgroup contains the processes", group},
                   spec.strict);
}

/// An error that begins with the name of a field begins with that of its option instead.
error in_terms_of_options(error problem) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> names{
        {{"python_version ", "--python "},
         {"max_memory ", "--max-memory "},
         {"max_disk ", "--max-disk "},
         {"max_processes ", "--max-processes "},
         {"max_threads ", "--max-threads "},
         {"max_cpu_percent ", "--max-cpu-percent "},
         {"output_limit ", "--output-limit "},
         {"memory_limit ", "--output-memory "}}};
    for (auto [field, option] : names)
        if (problem.message.compare(0, field.size(), field) == 0)
            problem.message.replace(0, field.size(), option);
    return problem;
}

outcome<void> take_command(command_spec& command, std::vector<std::string> words) {
    if (words.empty())
        return bad_value("there is no command to run", "gestvenv run python -c 'print(1)'");
    if (!command.shell) {
        command.arguments = std::move(words);
        return {};
    }
    if (words.size() != 1)
        return bad_value("--shell takes the whole line as one word",
                         "put it in quotes: gestvenv run --shell 'first && second'");
    command.text = std::move(words.front());
    return {};
}

} // namespace

void add_run_options(option_table& table, run_request& request) {
    request.command.streams = stream_mode::inherit;
    add_contents(table, request.environment);
    add_command(table, request);
    add_limits(table, request);
    add_results(table, request);
    constexpr std::string_view group = "other";
    table.add({"--name", "NAME", "name of the environment (default: generated)", group},
              into(request.environment.name, any_text));
    table.add_repeatable(
        {"--tag", "KEY=VALUE", "attach a label to the environment; may be given several times", group},
        entered_in(request.environment.tags, parse_tag));
}

outcome<void> check_run(run_request& request, operand_words operands) {
    request.follows_packages = operands.option_before == "--packages";
    if (request.in_work_folder && !request.command.working_directory.empty())
        return bad_value("--cwd and --work-folder are both given", "give one of them");
    if (request.environment.project && request.environment.project->folder.empty())
        return bad_value("--extra and --group are parts of a project, and --project is not given",
                         "--project DIR, with the folder that holds its pyproject.toml");
    if (!request.environment.packages.empty() && request.environment.requirements_file)
        return bad_value("--packages and --requirements are both given",
                         "give one of them, or name the packages in the file");
    // What is not given is for the configuration to say.
    auto& limits = request.environment.resource_limits;
    limits.max_processes = request.max_processes.value_or(limits.max_processes);
    limits.max_threads = request.max_threads.value_or(limits.max_threads);
    if (auto taken = take_command(request.command, std::move(operands.words)); !taken)
        return taken;
    if (auto packages = python::validate_packages(request.environment.packages); !packages)
        return failure(std::move(packages).error());
    return gestvenv::validate(request.environment)
        .and_then([&] { return gestvenv::validate(request.command); })
        .map_error(in_terms_of_options);
}

} // namespace gestvenv::cli
