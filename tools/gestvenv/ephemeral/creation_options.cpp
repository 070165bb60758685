// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/creation_options.hpp"

#include "messages/listed_words.hpp"
#include "messages/validation.hpp"
#include "system/python/backends/registry.hpp"
#include "system/python/interpreter_version.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/options/list_readers.hpp"
#include "tools/gestvenv/options/option_values.hpp"

#include <gestvenv/runtime_config.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gestvenv::cli {

namespace {

// What this version can do; the enumerations of the API name more.
constexpr std::array isolation_levels{isolation_level::process};
constexpr std::array security_modes{security_mode::restricted, security_mode::permissive};
constexpr std::array whose_memory{shared_memory::private_, shared_memory::host};
constexpr std::array storages{storage_backend::tmpfs, storage_backend::memory, storage_backend::disk};

/// `python3.12`, as other tools take it, is 3.12.
outcome<std::string> python_named(const std::string& option, const std::string& text) {
    constexpr std::string_view prefix = "python";
    auto version = text.starts_with(prefix) ? text.substr(prefix.size()) : std::string{};
    return any_text(option, python::parse_interpreter_version(version) ? version : text);
}

} // namespace

void add_project_options(option_table& table, std::optional<project_source>& project,
                         std::string_view group) {
    // The parts may come in any order.
    auto part = [&project](auto add) {
        return [&project, add](const std::string& option, const std::string& text) {
            return any_text(option, text).map([&](std::string value) {
                add(project ? *project : project.emplace(), std::move(value));
            });
        };
    };
    table.add({"--project", "DIR", "install the project in this folder, from its lock if it has one", group},
              part([](project_source& source, std::string value) { source.folder = std::move(value); }));
    table.add_repeatable(
        {"--extra", "NAME", "install this extra of the project", group},
        part([](project_source& source, std::string value) { source.extras.push_back(std::move(value)); }));
    table.add_repeatable(
        {"--group", "NAME", "install this dependency group of the project", group},
        part([](project_source& source, std::string value) { source.groups.push_back(std::move(value)); }));
}

void add_content_options(option_table& table, environment_spec& spec) {
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
    table.add_repeatable({"--requirements", "FILE",
                          "install what a requirements file lists; may be given several times", group},
                         [&spec](const std::string& option, const std::string& text) -> outcome<void> {
                             auto file = any_text(option, text);
                             if (!file)
                                 return failure(std::move(file).error());
                             if (spec.requirements_file)
                                 spec.requirements_files.push_back(std::move(*file));
                             else
                                 spec.requirements_file = std::move(*file);
                             return {};
                         });
    add_project_options(table, spec.project, group);
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

void add_limit_options(option_table& table, creation_request& request, const creation_wording& wording) {
    constexpr std::string_view group = "limits and isolation";
    auto& spec = request.environment;
    auto& limits = spec.resource_limits;
    table.add(
        {"--ttl", "TIME",
         fmt::format("end the environment after this time, installation included (default: {})", wording.ttl),
         group},
        into(spec.ttl, parse_lifetime));
    table.add(
        {"--max-idle-time", "TIME",
         fmt::format("end the environment after this time without activity; a running command is activity "
                     "(default: {})",
                     wording.max_idle_time),
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
    table.add_flag(
        {"--no-network", "", "run commands without network access (refused in this version)", group},
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
                "rights of commands: restricted or permissive (default: default_security_mode, restricted)",
                group},
               spec.security, security_modes);
    table.add_flag({"--strict", "", "fail unless a pid namespace or a cgroup contains the processes", group},
                   spec.strict);
}

void add_tag_option(option_table& table, environment_spec& spec) {
    table.add_repeatable(
        {"--tag", "KEY=VALUE", "attach a label to the environment; may be given several times", "other"},
        entered_in(spec.tags, parse_tag));
}

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

outcome<void> check_project_options(const std::optional<project_source>& project) {
    if (!project || !project->folder.empty())
        return {};
    return bad_value("--extra and --group are parts of a project, and --project is not given",
                     "--project DIR, with the folder that holds its pyproject.toml");
}

outcome<void> check_creation(creation_request& request) {
    if (auto good = check_project_options(request.environment.project); !good)
        return good;
    // What is not given is for the configuration to say.
    auto& limits = request.environment.resource_limits;
    limits.max_processes = request.max_processes.value_or(limits.max_processes);
    limits.max_threads = request.max_threads.value_or(limits.max_threads);
    if (auto packages = python::validate_packages(request.environment.packages); !packages)
        return failure(std::move(packages).error());
    return gestvenv::validate(request.environment).map_error(in_terms_of_options);
}

} // namespace gestvenv::cli
