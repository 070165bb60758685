// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_shell_command.hpp"

#include "system/python/search_context.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/list_readers.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/run/caller_settings.hpp"
#include "tools/gestvenv/run/preflight.hpp"
#include "tools/gestvenv/run/run_remote.hpp"
#include "tools/gestvenv/run/run_request.hpp"
#include "tools/gestvenv/terminal/session_access.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr const char* shell_footer =
    R"(Begins a terminal session in an environment: a shell (bash, else sh), the environment's python, or CMD,
in the working folder, with its variables as `gestvenv run` passes them. Ctrl-P Ctrl-Q leaves the
session, and so does a terminal that is closed; `gestvenv ephemeral attach` comes back to it. It ends
with its command or its environment. A running session keeps its environment from being idle.

The exit status is that of the session's command, 0 where the session was left and goes on, 2 for a
mistake in the command line, and 125 for a failure of gestvenv's.

In an environment of a node on another machine it begins in the environment's work folder, and of your
variables those alone go there that are named, with TERM and COLORTERM.

examples:
  gestvenv ephemeral shell ci-test
  gestvenv ephemeral shell ci-test --python
  gestvenv ephemeral shell ci-test -- htop)";

struct shell_request : run_request {
    bool python = false;
    std::string keys;
};

void add_options(option_table& table, shell_request& request) {
    constexpr std::string_view group = "options";
    auto& command = request.command;
    table.add_flag({"--python", "", "the environment's python in place of a shell", group}, request.python);
    add_detach_option(table, request.keys);
    table.add({"--cwd", "DIR", "working folder (default: the current one)", group},
              into(command.working_directory, any_text));
    table.add_flag({"--work-folder", "", "start in the environment's own work folder", group},
                   request.in_work_folder);
    table.add_repeatable({"--set-env", "NAME=VALUE", "set a variable; may be given several times", group},
                         entered_in(command.variables, parse_variable));
    table.add_repeatable({"--pass-env", "NAME", "pass on a variable that is set here", group},
                         appended_to(request.passed_variables, parse_variable_name));
    add_node_options(table, request.node);
}

outcome<void> check(shell_request& request, operand_words operands) {
    if (operands.words.empty() || operands.words.front().empty())
        return wrong_operands(operands, "an environment");
    request.existing = std::move(operands.words.front());
    operands.words.erase(operands.words.begin());
    if (request.in_work_folder && !request.command.working_directory.empty())
        return bad_value("--cwd and --work-folder are both given", "give one of them");
    if (request.python && !operands.words.empty())
        return bad_value("--python and a command are both given", "give one of them");
    auto& words = request.command.arguments;
    words = std::move(operands.words);
    if (request.python)
        words = {"python"};
    return {};
}

/// Which programs there are is known there.
constexpr const char* best_shell = "command -v bash >/dev/null && exec bash; exec sh";

void pass_terminal_type(command_spec& command) {
    for (const char* name : {"TERM", "COLORTERM"})
        if (const char* value = std::getenv(name)) // NOLINT(concurrency-mt-unsafe): read only
            command.variables.try_emplace(name, value);
}

int shell(shell_request& request) {
    const bool is_here = is_local(request.node);
    auto& words = request.command.arguments;
    if (words.empty())
        words = is_here ? std::vector<std::string>{::access("/bin/bash", X_OK) == 0 ? "bash" : "sh"}
                        : std::vector<std::string>{"sh", "-c", best_shell};
    request.command.streams = stream_mode::inherit; // as a run's are, until what goes there is made of it
    if (auto good = is_here ? prepare(request, python::search_context_from_process())
                            : prepare_for_elsewhere(request);
        !good) {
        print_error(good.error());
        return exit_status::usage;
    }
    terminal::open wish;
    wish.begins = true;
    wish.command = request.command;
    // Descriptors that a word names are this process's, and the session outlives it.
    wish.command.passed_descriptors.clear();
    if (is_here)
        wish.command.process_settings = settings_of_caller();
    else
        pass_terminal_type(wish.command);
    return show_session({request.node, *request.existing, request.keys, request.global}, std::move(wish));
}

} // namespace

constinit const command ephemeral_shell_command{
    .name = "shell",
    .description =
        "Begins a terminal session in an environment of the node, which can be left and come back to.",
    .operands = "ENVIRONMENT [[--] CMD [ARGUMENT...]]",
    .footer = shell_footer,
    .passes_words_on = true,
    .own_operands = 1,
    .complete = living_environments,
    .action = acts_on<shell_request, add_options, check, shell>(),
};

} // namespace gestvenv::cli
