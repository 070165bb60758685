// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_exec_command.hpp"

#include "system/python/search_context.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/run/run_existing.hpp"
#include "tools/gestvenv/run/run_options.hpp"

#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* exec_footer =
    R"(The same as `gestvenv run --env ENVIRONMENT`. CMD runs in the foreground: it gets gestvenv's
streams, terminal and signals. Options stand before CMD; all words after it are its arguments.

The exit status is CMD's, 128+n if signal n ended it, 124 after --timeout, 125 for a failure of
gestvenv's (also where there is no such environment), 126 and 127 as in a shell, and 2 for a mistake
in the command line.

examples:
  gestvenv ephemeral exec ci-test python -m pytest -q
  gestvenv ephemeral exec ci-test --timeout 10m -- ./check.sh)";

void add_options(option_table& table, run_request& request) {
    add_execution_options(table, request);
    add_node_options(table, request.node);
}

outcome<void> check(run_request& request, operand_words operands) {
    if (operands.words.empty() || operands.words.front().empty())
        return wrong_operands(operands, "an environment and a command");
    request.existing = std::move(operands.words.front());
    operands.words.erase(operands.words.begin());
    return check_execution(request, std::move(operands.words));
}

} // namespace

int run_in_environment(run_request& request) {
    return run_existing(request, python::search_context_from_process());
}

constinit const command ephemeral_exec_command{
    .name = "exec",
    .description = "Runs CMD in an environment of the node, which stays.",
    .operands = "ENVIRONMENT [--] CMD [ARGUMENT...]",
    .footer = exec_footer,
    .passes_words_on = true,
    .own_operands = 1,
    .complete = living_environments,
    .action = acts_on<run_request, add_options, check, run_in_environment>(),
};

} // namespace gestvenv::cli
