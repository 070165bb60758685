// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_ps_command.hpp"

#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <gestvenv/process_info.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

constexpr double bytes_per_megabyte = 1024 * 1024;

struct ps_request : environment_request {
    int most = 100;
};

constexpr const char* ps_footer =
    R"(Those with most memory come first. PID is the number that the host knows a process by, INSIDE the
one that the environment's own processes see. In command lines the values of what is named like a
token or a password are masked.)";

outcome<int> parse_most(const std::string& option, const std::string& text) {
    auto count = parse_count(option, text);
    if (count && (*count < 1 || *count > process_list::most_processes))
        return bad_value(
            fmt::format("{} must be from 1 to {}, and is {}", option, process_list::most_processes, text),
            fmt::format("{} 20", option));
    return count;
}

void add_options(option_table& table, ps_request& request) {
    table.add({"--limit", "N", "show at most N processes, from 1 to 500 (default 100)", "options"},
              into(request.most, parse_most));
    add_environment_options(table, request);
}

outcome<void> check(ps_request& request, operand_words operands) {
    return only_environment(request, std::move(operands));
}

std::string text_of(const process_list& all) {
    if (all.processes.empty())
        return "no processes\n";
    std::vector<text_row> rows{
        {"PID", "INSIDE", "PARENT", "STATE", "MEMORY", "CPU TIME", "THREADS", "AGE", "COMMAND"}};
    for (const auto& one : all.processes) {
        const std::chrono::duration<double> used = one.cpu_time;
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(all.at - one.started_at);
        rows.push_back({std::to_string(one.pid),
                        one.pid_in_environment ? std::to_string(*one.pid_in_environment) : "-",
                        std::to_string(one.parent_pid), std::string{to_string(one.state)},
                        fmt::format("{:.1f} MB", static_cast<double>(one.memory_bytes) / bytes_per_megabyte),
                        fmt::format("{:.2f} s", used.count()), std::to_string(one.threads),
                        fmt::format("{} s", age.count()),
                        one.command_line.empty() ? fmt::format("[{}]", one.name) : one.command_line});
    }
    return text_table(rows, output_width());
}

int list_processes(ps_request& request) {
    return with_node_of(request, [&](client& node) {
        const auto all = node.attach(request.wanted).processes(static_cast<std::size_t>(request.most));
        if (request.format == output_format::json)
            return print(json_text(to_json_value(all)));
        const auto shown = static_cast<std::int64_t>(all.processes.size());
        if (all.total > shown)
            print_warning(fmt::format("{} of {} processes are shown: --limit {} shows more", shown, all.total,
                                      std::min(all.total, process_list::most_processes)));
        return print(text_of(all));
    });
}

} // namespace

constinit const command ephemeral_ps_command{
    .name = "ps",
    .description = "Lists the processes of an environment of the node.",
    .operands = "ENVIRONMENT",
    .footer = ps_footer,
    .complete = living_environments,
    .action = acts_on<ps_request, add_options, check, list_processes>(),
};

} // namespace gestvenv::cli
