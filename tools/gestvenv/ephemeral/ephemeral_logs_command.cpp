// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_logs_command.hpp"

#include "messages/iso_time.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/event_stream.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <gestvenv/runtime_event.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct logs_request : environment_request {
    int lines = 100;
    bool follow = false;
};

constexpr int most_events = 1000;

constexpr const char* logs_footer =
    R"(The node keeps the last 1000 events of all its environments. With --follow it ends with the
environment; with --format json it then prints an object per line.)";

outcome<int> parse_lines(const std::string& option, const std::string& text) {
    auto count = parse_count(option, text);
    if (count && (*count < 1 || *count > most_events))
        return bad_value(fmt::format("{} must be 1 to {}, and is {}", option, most_events, *count));
    return count;
}

void add_options(option_table& table, logs_request& request) {
    table.add({"--lines", "N", "the last N events, at most 1000 (default: 100)", "options", "-n"},
              into(request.lines, parse_lines));
    table.add_flag({"--follow", "", "and those that come, until its end or Ctrl-C", "options", "-f"},
                   request.follow);
    add_environment_options(table, request);
}

outcome<void> check(logs_request& request, operand_words operands) {
    return only_environment(request, std::move(operands));
}

text_row row_of(const runtime_event& event) {
    return {to_iso_time(event.at), std::string{to_string(event.kind)}, event.text};
}

int show(const logs_request& request, const std::vector<runtime_event>& events) {
    if (request.format == output_format::json)
        return print(json_text(to_json_value(events)));
    if (events.empty())
        return print("no events\n");
    std::vector<text_row> rows{{"TIME", "EVENT", "TEXT"}};
    for (const auto& event : events)
        rows.push_back(row_of(event));
    return print(text_table(rows, output_width()));
}

std::string line_of(const logs_request& request, const runtime_event& event) {
    if (request.format == output_format::json)
        return json_line(to_json_value(event));
    auto line = fmt::format("{}  {:<20}  {}", to_iso_time(event.at), to_string(event.kind), event.text);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// The events that were before it begins come first: the last `lines` of them.
int follow(const logs_request& request, client& node) {
    const auto id = node.find(request.wanted).id;
    const auto earlier = node.events(static_cast<std::size_t>(request.lines), id);
    int status = 0;
    auto kept = earlier.size();
    const auto all_kept = node.events(most_events, id).size();
    auto passed_over = all_kept > kept ? all_kept - kept : 0;
    auto ended = follow_events(
        request.node, id,
        [&](const runtime_event& event) {
            if (passed_over > 0) {
                --passed_over;
                return true;
            }
            if (!write_all(STDOUT_FILENO, line_of(request, event))) {
                status = errno == EPIPE ? 0 : print(line_of(request, event)); // which says why
                return false;
            }
            return event.kind != event_kind::environment_gone;
        },
        request.global.interrupted);
    if (!ended)
        return report(ended.error());
    return request.global.interrupted.stop_requested() ? exit_status::interrupted : status;
}

int logs(logs_request& request) {
    return with_node_of(request, [&](client& node) {
        if (request.follow)
            return follow(request, node);
        const auto id = node.find(request.wanted).id;
        return show(request, node.events(static_cast<std::size_t>(request.lines), id));
    });
}

} // namespace

constinit const command ephemeral_logs_command{
    .name = "logs",
    .description = "Shows what has happened to an environment of the node.",
    .operands = "ENVIRONMENT",
    .footer = logs_footer,
    .complete = living_environments,
    .action = acts_on<logs_request, add_options, check, logs>(),
};

} // namespace gestvenv::cli
