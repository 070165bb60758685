// SPDX-License-Identifier: MIT
// `tree`, `events` and `watch`: what the node does.
#include "messages/iso_time.hpp"
#include "messages/json.hpp"
#include "tools/gestvenv/console/console.hpp"
#include "tools/gestvenv/console/console_commands.hpp"
#include "tools/gestvenv/console/line_editor.hpp"
#include "tools/gestvenv/console/tree_text.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/event_stream.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime_event.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr std::chrono::milliseconds shortest_interval{100};
// ECMA-48: to the first line, erase to the end.
constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";

struct view_request : command_request {
    node_choice node;
    output_format format = output_format::table;
    std::chrono::milliseconds interval{2000};
    std::vector<std::string> words;
};

constexpr const char* tree_footer =
    R"(The node's actors, each with its state and how often it has been started again.)";

constexpr const char* events_footer =
    R"(First the events that the node keeps, at most 1000, then each that comes, until Ctrl-C. With --format
json an object per line. `logs` has those of one environment.)";

constexpr const char* watch_footer =
    R"(COMMAND is one of the console's. Ctrl-C ends it; so does a failure of COMMAND, with its status.

examples:
  watch list
  watch --interval 10 stats)";

void add_view_options(option_table& table, view_request& request) {
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

int without_node(const view_request& request) {
    return report(request.global,
                  error{error_code::node_unreachable, "no node runs", {}, "create starts one"});
}

int tree(view_request& request) {
    auto found = find_node(request.node);
    if (!found)
        return report(request.global, found.error());
    if (!*found)
        return without_node(request);
    client node{std::move(**found)};
    const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
    try {
        auto shown = parse_json(node.tree());
        if (!shown)
            return report(request.global, shown.error());
        return print(request.format == output_format::json ? json_text(*shown) : tree_text(*shown));
    } catch (const ephemeral_exception& problem) {
        return report(request.global, problem.details());
    }
}

std::string line_of(const view_request& request, const runtime_event& event) {
    if (request.format == output_format::json)
        return json_line(to_json_value(event));
    const auto& name = event.environment_name.empty() ? event.environment_id : event.environment_name;
    auto line =
        fmt::format("{}  {:<20}  {:<16}  {}", to_iso_time(event.at), to_string(event.kind), name, event.text);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

int events(view_request& request) {
    int status = 0;
    auto ended = follow_events(
        request.node, {},
        [&](const runtime_event& event) {
            const auto line = line_of(request, event);
            if (write_all(STDOUT_FILENO, line))
                return true;
            status = errno == EPIPE ? 0 : print(line); // which says why
            return false;
        },
        request.global.interrupted);
    if (!ended)
        return report(request.global, ended.error());
    return request.global.interrupted.stop_requested() ? exit_status::interrupted : status;
}

void add_watch_options(option_table& table, view_request& request) {
    table.add({"--interval", "TIME", "between two runs (default: 2)", "options"},
              into(request.interval, parse_timeout));
}

outcome<void> check_watch(view_request& request, operand_words operands) {
    if (operands.words.empty() || operands.words.front().empty())
        return wrong_operands(operands, "a command of the console");
    if (request.interval < shortest_interval)
        return bad_value("--interval is less than 0.1 s");
    request.words = std::move(operands.words);
    return {};
}

int watch(view_request& request) {
    std::mutex mutex;
    std::condition_variable_any changed;
    const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
    const auto& interrupted = request.global.interrupted;
    while (!interrupted.stop_requested()) {
        if (on_terminal && colours_are_wanted())
            if (auto shown = print(clear_screen); shown != 0)
                return shown;
        if (auto status = console_of(request).run(request.words); status != 0)
            return status;
        if (console_of(request).ended())
            return 0;
        std::unique_lock lock{mutex};
        changed.wait_for(lock, interrupted, request.interval, [] { return false; });
    }
    return exit_status::interrupted;
}

} // namespace

constinit const command console_tree_command{
    .name = "tree",
    .description = "Shows the supervision tree of the node.",
    .footer = tree_footer,
    .action = acts_on<view_request, add_view_options, no_operands<view_request>, tree>(),
};

constinit const command console_events_command{
    .name = "events",
    .description = "Shows what happens in the node while it happens, until Ctrl-C.",
    .footer = events_footer,
    .action = acts_on<view_request, add_view_options, no_operands<view_request>, events>(),
};

constinit const command console_watch_command{
    .name = "watch",
    .description = "Runs a command of the console again and again, until Ctrl-C.",
    .operands = "COMMAND [ARGUMENT...]",
    .footer = watch_footer,
    .passes_words_on = true,
    .action = acts_on<view_request, add_watch_options, check_watch, watch>(),
};

} // namespace gestvenv::cli
