// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_attach_command.hpp"

#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/terminal/session_access.hpp"

#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* attach_footer =
    R"(SESSION is an id or the beginning of one; without it the only session of the environment is meant,
and where there are several they are named. The last 256 KiB of its output are shown again. A session
can be on several terminals: its window has the size of the one that was attached last.

The exit status is that of the session's command, 0 where the session was left and goes on, 2 for a
mistake in the command line, and 125 for a failure of gestvenv's.

examples:
  gestvenv ephemeral attach ci-test
  gestvenv ephemeral attach ci-test 1f6b --detach-keys ctrl-a,d)";

struct attach_request : command_request {
    session_request where;
    std::string session;
};

void add_options(option_table& table, attach_request& request) {
    add_detach_option(table, request.where.keys);
    add_node_options(table, request.where.node);
}

outcome<void> check(attach_request& request, operand_words operands) {
    if (operands.words.empty() || operands.words.size() > 2 || operands.words.front().empty())
        return wrong_operands(operands, "an environment and, if it has several, a session");
    request.where.environment = std::move(operands.words.front());
    if (operands.words.size() == 2)
        request.session = std::move(operands.words.back());
    return {};
}

int attach(attach_request& request) {
    terminal::open wish;
    wish.session = request.session;
    request.where.global = request.global;
    return show_session(request.where, std::move(wish));
}

} // namespace

constinit const command ephemeral_attach_command{
    .name = "attach",
    .description = "Comes back to a terminal session in an environment of the node.",
    .operands = "ENVIRONMENT [SESSION]",
    .footer = attach_footer,
    .complete = living_environments,
    .action = acts_on<attach_request, add_options, check, attach>(),
};

} // namespace gestvenv::cli
