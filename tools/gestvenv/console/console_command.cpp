// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/console_command.hpp"

#include "system/journal/state_folder.hpp"
#include "system/python/search_context.hpp"
#include "system/version.hpp"
#include "tools/gestvenv/console/console.hpp"
#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/console/conversation.hpp"
#include "tools/gestvenv/console/embedded_node.hpp"
#include "tools/gestvenv/console/script.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv::cli {

namespace {

struct console_request : command_request {
    node_choice node;
    bool embedded = false;
    bool keeps_going = false;
    std::optional<std::string> lines;
    std::string file;
};

constexpr const char* console_footer =
    R"(On a terminal it edits lines, completes words (Tab) and remembers what was typed; `help` in it tells more.
From FILE, -c or a pipe it runs the commands of `gestvenv ephemeral`, without that word, `config`, `doctor`, `node`
and `token`, and `use`, `run` and others of its own, line by line; # begins a comment.

exit status:
  0    every line has succeeded, or the console has ended at a terminal
  N    of the first line that fails, which is named on standard error; nothing after it is run. With
       --keep-going, of the last line that failed. Of `exit N`

examples:
  gestvenv console
  gestvenv console --embedded -c 'create work --packages requests; use work; run python check.py'
  gestvenv console --keep-going nightly.console
  echo list | gestvenv console)";

void add_options(option_table& table, console_request& request) {
    table.add_flag(
        {"--embedded", "",
         "with a runtime in this process, instead of a node; its environments end with the console",
         "options"},
        request.embedded);
    table.add({"--command", "LINE", "run the commands in LINE and end", "options", "-c"},
              [&request](const std::string& /*option*/, const std::string& text) -> outcome<void> {
                  request.lines = text;
                  return {};
              });
    table.add_flag({"--keep-going", "", "go on after a line of a script that fails", "options"},
                   request.keeps_going);
    add_node_options(table, request.node);
}

outcome<void> check(console_request& request, operand_words operands) {
    if (operands.words.size() > 1)
        return wrong_operands(operands, "one file at most");
    if (!operands.words.empty())
        request.file = std::move(operands.words.front());
    if (!operands.words.empty() && request.file.empty())
        return wrong_operands(operands, "a file with a name");
    if (request.lines && !request.file.empty())
        return bad_value("-c and a file are both given", "give one of them");
    if (request.embedded && !request.node.address.empty())
        return bad_value("--embedded and --node are both given",
                         "--embedded is a runtime of the console's own");
    return {};
}

std::filesystem::path history_file() {
    return default_state_root(python::search_context_from_process().writable_home) / "console_history";
}

int run_commands(console& with, const console_request& request) {
    const bool from_input = !request.lines && request.file.empty();
    if (from_input && is_at_terminal()) {
        auto greeting = fmt::format("GestVenv {}: help lists the commands, Ctrl-D ends.\n", program_version);
        if (request.embedded)
            greeting += "Environments that are made here end with the console.\n";
        if (auto shown = print(greeting); shown != 0)
            return shown;
        return talk(with, {"gestvenv", history_file()});
    }
    if (request.lines)
        return run_script(with, script_source::of_text(*request.lines), request.keeps_going);
    if (from_input)
        return run_script(with, script_source::of_standard_input(), request.keeps_going);
    auto source = script_source::of_file(request.file);
    if (!source) {
        print_error(source.error());
        return exit_status::usage;
    }
    return run_script(with, std::move(*source), request.keeps_going);
}

/// What ends with the console.
void tell_of_end(const embedded_node& embedded) {
    client_options options;
    options.socket = embedded.socket();
    std::string names;
    try {
        for (const auto& one : client{std::move(options)}.list())
            names += (names.empty() ? "" : ", ") + (one.name.empty() ? one.id : one.name);
    } catch (const ephemeral_exception& problem) {
        return print_error(problem.details());
    }
    if (!names.empty())
        print_log(fmt::format("ending with the console: {}", names));
}

int run(console_request& request) {
    if (is_named(request.node) && !request.embedded)
        if (auto node = find_node(request.node); !node)
            return report(node.error());
    call_as_in(console_kind::about_all);
    termination signals;
    std::unique_ptr<embedded_node> embedded;
    auto node = request.node;
    if (request.embedded) {
        auto started = embedded_node::start(request.global);
        if (!started)
            return report(started.error());
        embedded = std::move(*started);
        node.address = embedded->socket();
    }
    int told_to_end = 0;
    int status = 0;
    {
        console with{console_commands, request.global, std::move(node), signals};
        status = run_commands(with, request);
        told_to_end = with.signals().told_to_end();
    }
    if (embedded) {
        tell_of_end(*embedded);
        if (auto ended = embedded->end(); !ended) {
            print_error(ended.error());
            status = status != 0 ? status : exit_status::internal_error;
        }
    }
    if (told_to_end != 0)
        termination::die(told_to_end);
    return status;
}

} // namespace

constinit const command console_command{
    .name = "console",
    .description = "Commands about environments, typed one after another or from a script.",
    .operands = "[FILE]",
    .footer = console_footer,
    .needs_encryption = true, // some of its commands do, and nothing can be begun again in the middle
    .action = acts_on<console_request, add_options, check, run>(),
};

} // namespace gestvenv::cli
