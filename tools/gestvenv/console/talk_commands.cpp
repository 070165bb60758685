// SPDX-License-Identifier: MIT
// `history`, `help` and `exit`: the console itself.
#include "tools/gestvenv/console/console.hpp"
#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct history_request : command_request {
    int lines = static_cast<int>(line_history::most_lines);
    bool clear = false;
};

struct help_request : command_request {
    /// The words of a command.
    std::vector<std::string> about;
};

struct exit_request : command_request {
    int status = 0;
};

constexpr const char* history_footer =
    R"(Lines that were typed, of earlier consoles too. A line that begins with a space is not kept. The arrow
keys go through them, and Ctrl-R searches.)";

constexpr const char* exit_footer = R"(Ctrl-D on an empty line does the same.)";

constexpr const char* overview = R"(Make an environment, and use it:
  create ci-test --packages requests    make one, with packages
  use ci-test                           commands that name none are about it from now on
  run python -c 'import requests'       run a program in it, with this terminal
  install rich                          install in it
  uninstall rich, packages              remove from it, list what is installed
  shell                                 a shell in it; Ctrl-P Ctrl-Q leaves it, attach comes back
  cp data.csv :                         copy files in, or out: cp :result.csv .

See what there is:
  list, list --all                      environments that live, or also those that have ended
  show, logs, logs --follow             one in detail, and its events
  top                                   what each uses, as it lives
  stats, tree                           what all use together; the node's actors
  events                                what happens, until Ctrl-C
  watch list                            a command again and again, until Ctrl-C

The node, its clients, and this machine:
  node status, node logs                the node; node open links to its page
  token create ci                       let a client in that comes over TCP
  config show, config set KEY VALUE     the configuration
  doctor                                what works here, and what supplies the rest

End it:
  cleanup, cleanup --all                end the one that is used, or all of the node
  exit                                  end the console (Ctrl-D)

A line may hold several commands, separated by ; and is ended by the first that fails. Words are quoted as in
a shell; an open quote or a backslash at the end goes on in the next line, and # begins a comment. Tab
completes commands, options, environments and packages; the arrow keys and Ctrl-R find earlier lines; Ctrl-C
ends a command, not the console.

help COMMAND describes a command, with examples:
)";

constexpr const char* overview_of_one = R"(  install rich                    install packages
  run python -c 'import rich'     run a program, with this terminal
  shell                           a shell in it; Ctrl-P Ctrl-Q leaves it, attach comes back
  uninstall rich, packages        remove packages, list what is installed
  info, logs                      the environment in detail, and its events
  exit                            end the environment, with all that is in it (Ctrl-D)

Tab completes commands, options and packages. help COMMAND describes a command:
)";

std::vector<std::string> names_of_commands(std::size_t place) {
    std::vector<std::string> names;
    if (place == 0)
        for (const auto* one : console_commands.commands)
            names.emplace_back(one->name);
    return names;
}

void add_history_options(option_table& table, history_request& request) {
    table.add({"--lines", "N", "the last N lines (default: all)", "options", "-n"},
              into(request.lines, parse_count));
    table.add_flag({"--clear", "", "forget all of them", "options"}, request.clear);
}

int history(history_request& request) {
    auto& console = console_of(request);
    if (console.past == nullptr) {
        print_error({error_code::invalid_argument, "a script has no history", {}, {}});
        return exit_status::usage;
    }
    if (request.clear) {
        if (auto cleared = console.past->clear(); !cleared) {
            print_error(cleared.error());
            return exit_status::internal_error;
        }
        console.forget();
        return 0;
    }
    const auto& lines = console.past->lines();
    const auto wanted = static_cast<std::size_t>(std::max(request.lines, 0));
    std::string text;
    for (auto index = lines.size() - std::min(wanted, lines.size()); index < lines.size(); ++index)
        text += fmt::format("{:>5}  {}\n", index + 1, lines[index]);
    return print(text);
}

outcome<void> check_help(help_request& request, operand_words operands) {
    if (operands.words.size() > 2)
        return wrong_operands(operands, "one command at most");
    request.about = std::move(operands.words);
    return {};
}

int help(help_request& request) {
    auto& console = console_of(request);
    if (!request.about.empty()) {
        request.about.emplace_back("--help");
        return console.run(request.about);
    }
    std::string text = console.is_about_one() ? overview_of_one : overview;
    std::size_t longest = 0;
    for (const auto* one : console.commands().commands)
        longest = std::max(longest, one->name.size());
    for (const auto* one : console.commands().commands)
        text += fmt::format("  {:<{}}  {}\n", one->name, longest, one->description);
    return print(text);
}

outcome<void> check_exit(exit_request& request, operand_words operands) {
    if (operands.words.size() > 1)
        return wrong_operands(operands, "one status at most");
    if (operands.words.empty())
        return {};
    auto status = parse_count("the status", operands.words.front());
    if (!status)
        return failure(std::move(status).error());
    if (*status < 0 || *status > 255)
        return bad_value(fmt::format("the status must be 0 to 255, and is {}", *status));
    request.status = *status;
    return {};
}

int exit(exit_request& request) {
    console_of(request).end(request.status);
    return request.status;
}

} // namespace

constinit const command console_history_command{
    .name = "history",
    .description = "Shows the lines that were typed.",
    .footer = history_footer,
    .action = acts_on<history_request, add_history_options, no_operands<history_request>, history>(),
};

constinit const command console_help_command{
    .name = "help",
    .description = "Shows what can be done, or what a command does.",
    .operands = "[COMMAND]",
    .complete = names_of_commands,
    .action = acts_on<help_request, no_options<help_request>, check_help, help>(),
};

constinit const command console_exit_command{
    .name = "exit",
    .description = "Ends the console.",
    .operands = "[STATUS]",
    .footer = exit_footer,
    .action = acts_on<exit_request, no_options<exit_request>, check_exit, exit>(),
};

} // namespace gestvenv::cli
