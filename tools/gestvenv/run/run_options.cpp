// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/run_options.hpp"

#include "messages/validation.hpp"
#include "tools/gestvenv/ephemeral/creation_options.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/options/list_readers.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/caller_variables.hpp"
#include "tools/gestvenv/run/run_existing.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::array whose_home{home_folder::private_, home_folder::host};

std::vector<std::string> names_of_variables() {
    std::vector<std::string> names;
    for (auto& [name, value] : variables_of_this_process())
        names.push_back(name);
    return names;
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
    table
        .add_repeatable({"--pass-env", "NAME",
                         "pass on a variable that is set here, such as a secret; passed by default: PATH, "
                         "language, terminal, proxies, certificates, markers of CI and git, choice of GPUs",
                         group},
                        appended_to(request.passed_variables, parse_variable_name))
        .complete = names_of_variables;
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

void add_artifacts(option_table& table, run_request& request) {
    table.add_repeatable({"--artifacts", "GLOB=DIR",
                          "after CMD, also after a failure, copy files from the environment's work folder "
                          "($GESTVENV_WORK) into DIR; may be given several times",
                          "results"},
                         appended_to(request.artifacts, parse_artifact));
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

void add_execution_options(option_table& table, run_request& request) {
    request.command.streams = stream_mode::inherit;
    add_command(table, request);
    add_artifacts(table, request);
}

outcome<void> check_execution(run_request& request, std::vector<std::string> words) {
    if (request.in_work_folder && !request.command.working_directory.empty())
        return bad_value("--cwd and --work-folder are both given", "give one of them");
    if (auto taken = take_command(request.command, std::move(words)); !taken)
        return taken;
    return gestvenv::validate(request.command).map_error(in_terms_of_options);
}

void add_run_options(option_table& table, run_request& request) {
    request.command.streams = stream_mode::inherit;
    add_content_options(table, request.environment);
    add_command(table, request);
    add_limit_options(table, request,
                      {.ttl = "default_ttl if configured, else unlimited", .max_idle_time = "unlimited"});
    add_artifacts(table, request);
    table.add({"--receipt", "FILE",
               "write the teardown receipt (removed resources, residue) as JSON; - is standard error",
               "results"},
              into(request.receipt, any_text));
    add_node_options(table, request.node);
    constexpr std::string_view group = "other";
    table
        .add({"--env", "NAME",
              "run CMD in this environment of the node, by name or id, and leave it there; options that "
              "make an environment are refused then",
              group},
             into(request.existing, any_text))
        .complete = living_names;
    table.add_flag({"--install", "",
                    "with --env: install there what a script's inline metadata declare and is missing",
                    group},
                   request.installs_missing);
    table.add({"--name", "NAME", "name of the environment (default: generated)", group},
              into(request.environment.name, any_text));
    add_tag_option(table, request.environment);
}

outcome<void> check_run(run_request& request, operand_words operands) {
    if (request.existing)
        if (auto good = check_run_existing(request); !good)
            return good;
    if (request.installs_missing && !request.existing)
        return bad_value("--install is given without --env",
                         "an environment that is made for a script gets its packages anyway");
    if (!request.node.address.empty() && !request.existing)
        return bad_value("--node is given without --env",
                         "an environment of a node has a name: gestvenv ephemeral create, then --env NAME");
    request.follows_packages = operands.option_before == "--packages";
    if (auto good = check_execution(request, std::move(operands.words)); !good)
        return good;
    return check_creation(request);
}

} // namespace gestvenv::cli
