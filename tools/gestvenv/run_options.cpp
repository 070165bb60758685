#include "tools/gestvenv/run_options.hpp"

#include "messages/validation.hpp"
#include "system/python/requirement.hpp"
#include "tools/gestvenv/option_values.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

// What this version can do; the enumerations of the API name more.
constexpr std::array backends{backend::uv, backend::pip, backend::pdm, backend::poetry, backend::automatic};
constexpr std::array isolation_levels{isolation_level::process};
constexpr std::array security_modes{security_mode::restricted, security_mode::permissive};
constexpr std::array storages{storage_backend::tmpfs, storage_backend::memory, storage_backend::disk};

constexpr const char* description =
    "Makes an environment, runs CMD in it, and takes it down again, whatever happens.";

constexpr const char* footer =
    R"(CMD is a program with its arguments, each passed on as it is. Everything after its name belongs to it;
`--` before it is needed only where it begins with a dash. It has the streams of gestvenv itself.
For a line of shell: gestvenv run sh -c 'first && second'

exit status:
  that of CMD, or 128+n where signal n ended it; else
  2    the command line is not right; nothing was started
  124  --timeout passed
  125  the environment could not be made, or a package not be installed
  126  CMD cannot be executed
  127  CMD was not found

examples:
  gestvenv run python -c 'import sys; print(sys.version)'
  gestvenv run --packages requests,rich -- python fetch.py --all
  gestvenv run --requirements requirements.txt --python 3.12 --timeout 600 -- python -m pytest -q
  gestvenv run --pass-env API_TOKEN --set-env MODE=test -- ./check.sh)";

/// Stores what `parse` makes of a value in `target`.
template <class Parse, class Target>
option_table::reader into(Target& target, Parse parse) {
    return [&target, parse](const std::string& option, const std::string& text) -> outcome<void> {
        auto value = parse(option, text);
        if (!value)
            return failure(std::move(value).error());
        target = std::move(*value);
        return {};
    };
}

outcome<std::string> any_text(const std::string& option, const std::string& text) {
    if (text.empty())
        return bad_value(fmt::format("{} is empty", option));
    return text;
}

void add_contents(option_table& table, environment_spec& spec) {
    const std::string group = "what is in the environment";
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
    table.add({"--backend", "NAME", "what installs them: uv (default), pip, pdm, poetry or auto", group},
              into(spec.package_backend, [](const auto& option, const auto& text) {
                  return parse_choice(option, text, backends);
              }));
    table.add({"--python", "VERSION",
               "3.12, 3.12.1, or the path of an interpreter (default: the python3 there is)", group},
              into(spec.python_version, any_text));
}

void add_command(option_table& table, run_request& request) {
    const std::string group = "how CMD runs";
    auto& command = request.command;
    table.add({"--cwd", "DIR", "the folder in which it starts (default: the current one)", group},
              into(command.working_directory, any_text));
    table.add({"--timeout", "SECONDS", "end it, and all it started, after this time (default: never)", group},
              into(command.timeout, parse_timeout));
    table.add_repeatable(
        {"--set-env", "NAME=VALUE", "set a variable for it; may be given several times", group},
        [&command](const std::string& option, const std::string& text) -> outcome<void> {
            auto variable = parse_variable(option, text);
            if (!variable)
                return failure(std::move(variable).error());
            command.variables[variable->first] = std::move(variable->second);
            return {};
        });
    table.add_repeatable({"--pass-env", "NAME",
                          "pass on a variable that is set here, such as a secret; none is by itself", group},
                         [&request](const std::string& option, const std::string& text) -> outcome<void> {
                             auto name = parse_variable_name(option, text);
                             if (!name)
                                 return failure(std::move(name).error());
                             request.passed_variables.push_back(std::move(*name));
                             return {};
                         });
}

void add_limits(option_table& table, environment_spec& spec) {
    const std::string group = "limits and isolation";
    table.add({"--ttl", "SECONDS",
               "end the environment after this time, installing included (default: unlimited)", group},
              into(spec.ttl, parse_lifetime));
    // Understood and refused by the runtime, with its reason; in no help until it can be had.
    table.add({"--max-memory", "MB", "memory it may use", ""},
              into(spec.resource_limits.max_memory, parse_megabytes));
    table.add({"--max-disk", "MB", "size of its storage", group},
              into(spec.resource_limits.max_disk, parse_megabytes));
    table.add({"--storage", "KIND",
               "where its files are: tmpfs (in memory, default), memory (/dev/shm) or disk", group},
              into(spec.storage_backend, [](const auto& option, const auto& text) {
                  return parse_choice(option, text, storages);
              }));
    table.add({"--isolation", "LEVEL", "where its processes run: process", group},
              into(spec.isolation, [](const auto& option, const auto& text) {
                  return parse_choice(option, text, isolation_levels);
              }));
    table.add({"--security", "MODE", "what they may do: restricted (default) or permissive", group},
              into(spec.security, [](const auto& option, const auto& text) {
                  return parse_choice(option, text, security_modes);
              }));
}

/// An error that begins with the name of a field begins with that of its option instead.
error in_terms_of_options(error problem) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names{
        {{"python_version ", "--python "}, {"max_memory ", "--max-memory "}, {"max_disk ", "--max-disk "}}};
    for (auto [field, option] : names)
        if (problem.message.compare(0, field.size(), field) == 0)
            problem.message.replace(0, field.size(), option);
    return problem;
}

} // namespace

void add_run_options(CLI::App& run, option_table& table, run_request& request) {
    run.description(description);
    run.footer(footer);
    // As long as its command: the default of the API is for environments that someone may forget.
    request.environment.ttl = unlimited;
    add_contents(table, request.environment);
    add_command(table, request);
    add_limits(table, request.environment);
    const std::string group = "other";
    table.add({"--name", "NAME", "what the environment is called (default: a generated name)", group},
              into(request.environment.name, any_text));
    table.add({"--receipt", "FILE",
               "write what its teardown removed, as JSON; - writes it readably to standard error", group},
              into(request.receipt, any_text));
}

outcome<void> validate(const run_request& request) {
    if (!request.environment.packages.empty() && request.environment.requirements_file)
        return bad_value("--packages and --requirements are both given",
                         "give one of them, or name the packages in the file");
    if (request.command.arguments.empty())
        return bad_value("there is no command to run", "gestvenv run python -c 'print(1)'");
    if (auto packages = python::validate_packages(request.environment.packages); !packages)
        return failure(std::move(packages).error());
    return gestvenv::validate(request.environment)
        .and_then([&] { return gestvenv::validate(request.command); })
        .map_error(in_terms_of_options);
}

} // namespace gestvenv::cli
