// SPDX-License-Identifier: MIT
// `use`, `run` and `info`: the environment that a console is about.
#include "tools/gestvenv/console/console.hpp"
#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_exec_command.hpp"
#include "tools/gestvenv/ephemeral/ephemeral_show_command.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/run_options.hpp"

#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* use_footer =
    R"(The environment is shown in the prompt, and commands that name none are about it: run, exec, shell,
attach, install, uninstall, packages, show, logs, cleanup, and cp with a path that begins with a colon.
Without an operand none is used any more.

examples:
  use ci-test
  install rich
  run python -c 'import rich'
  cp :result.csv .
  cleanup)";

constexpr const char* run_footer =
    R"(CMD runs in the environment that is used, or in that of --env, with this terminal, or the script's
streams; Ctrl-C and the like are CMD's. All words after CMD are its arguments. The status is CMD's.

examples:
  run python -m pytest -q
  run --timeout 10m -- ./check.sh
  run --env ci-test sh -c 'pip list | wc -l')";

constexpr const char* info_footer = R"(The same as show.)";

void add_use_options(option_table& table, environment_request& request) {
    add_node_options(table, request.node);
}

outcome<void> check_use(environment_request& request, operand_words operands) {
    return operands.words.empty() ? outcome<void>{} : only_environment(request, std::move(operands));
}

int use(environment_request& request) {
    auto& console = console_of(request);
    if (request.wanted.empty()) {
        console.use(std::nullopt);
        return 0;
    }
    return with_node_of(request, [&](client& node) {
        auto found = node.find(request.wanted);
        console.use(current_environment{std::move(found.id), std::move(found.name)});
        return 0;
    });
}

void add_console_run_options(option_table& table, run_request& request) {
    add_execution_options(table, request);
    table
        .add({"--env", "ENVIRONMENT", "run CMD in this one (default: the one that is used)", "command"},
             into(request.existing, any_text))
        .complete = living_names;
    add_node_options(table, request.node);
}

outcome<void> check_console_run(run_request& request, operand_words operands) {
    if (!request.existing)
        return bad_value("run needs an environment",
                         "use ENVIRONMENT, or run --env ENVIRONMENT CMD; create makes one");
    return check_execution(request, std::move(operands.words));
}

} // namespace

// What the console fills in is for commands whose operands begin with one; this one's may be none.
constinit const command console_use_command{
    .name = "use",
    .description = "Makes an environment the one that commands are about.",
    .operands = "[ENVIRONMENT]",
    .footer = use_footer,
    .complete = living_environments,
    .action = acts_on<environment_request, add_use_options, check_use, use>(),
};

constinit const command console_run_command{
    .name = "run",
    .description = "Runs CMD in the environment that is used, which stays.",
    .operands = "[--] CMD [ARGUMENT...]",
    .footer = run_footer,
    .passes_words_on = true,
    .action = acts_on<run_request, add_console_run_options, check_console_run, run_in_environment>(),
};

constinit const command console_info_command{
    .name = "info",
    .description = "Shows the environment in detail.",
    .operands = "ENVIRONMENT",
    .footer = info_footer,
    .action = acts_on<environment_request, add_environment_options, only_environment, show_environment>(),
};

} // namespace gestvenv::cli
