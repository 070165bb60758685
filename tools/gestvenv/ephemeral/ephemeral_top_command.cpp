// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_top_command.hpp"

#include "messages/json.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/text_table.hpp"
#include "tools/gestvenv/top/top_session.hpp"
#include "tools/gestvenv/top/top_view.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::chrono::milliseconds shortest_interval{200};
constexpr std::array orders{top_order::name, top_order::age,    top_order::processes,
                            top_order::cpu,  top_order::memory, top_order::disk};

struct top_request : command_request {
    node_choice node;
    output_format format = output_format::table;
    bool once = false;
    std::chrono::milliseconds interval{1000};
    top_order order = top_order::cpu;
};

constexpr const char* top_footer =
    R"(Shows the environments of the node with what each uses, and small graphs of the last minute. Where
standard output is no terminal, and with --format json, the table is printed once. Where no node runs,
it waits for one; none is started.

Keys: c, m, d, t, n, p order by CPU, memory, disk, time of life, name, processes, the same key again turns
the order round; < and > take the next column. Arrow keys, Page Up, Page Down, Home and End choose an
environment, Enter shows it, k ends it, after a question. / shows only those whose name has a text. q ends.

Memory is that of processes, and what the kernel counts where --max-memory is given. NO_COLOR leaves colours
out; without UTF-8 the graphs are ASCII.

examples:
  gestvenv ephemeral top
  gestvenv ephemeral top --sort memory --interval 5
  gestvenv ephemeral top --once --format json)";

outcome<std::chrono::milliseconds> parse_interval(const std::string& option, const std::string& text) {
    auto interval = parse_timeout(option, text);
    if (interval && *interval < shortest_interval)
        return bad_value(fmt::format("{} must be 0.2 s or more, and is {}", option, shown(text)),
                         fmt::format("{} 1", option));
    return interval;
}

void add_options(option_table& table, top_request& request) {
    table.add({"--interval", "TIME", "from one update to the next (default: 1)", "options"},
              into(request.interval, parse_interval));
    add_choice(
        table,
        {"--sort", "COLUMN", "order by name, age, processes, cpu, memory or disk (default cpu)", "options"},
        request.order, orders);
    table.add_flag({"--once", "", "print the table once", "options"}, request.once);
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

int print_once(const top_request& request) {
    auto node = find_node(request.node);
    if (!node)
        return report(node.error());
    std::vector<rest::environment_usage> living;
    if (*node) {
        node_link link{address_of(**node), (*node)->token};
        auto told = ask_for_usage(link, true);
        if (!told)
            return report(told.error());
        living = std::move(*told);
    }
    if (request.format == output_format::json)
        return print(json_text(to_json_value(living)));
    top_model model;
    model.update(std::move(living));
    if (model.order() != request.order)
        model.order_by(request.order);
    return print(top_table(model, output_width(), std::chrono::system_clock::now()));
}

int top(top_request& request) {
    if (request.once || request.format == output_format::json || ::isatty(STDOUT_FILENO) != 1 ||
        ::isatty(STDIN_FILENO) != 1)
        return print_once(request);
    // A mistake in where the node is meant to be is told before the screen is taken.
    if (auto node = find_node(request.node); !node && is_named(request.node))
        return report(node.error());
    return show_top(request.global, request.node, request.interval, request.order);
}

} // namespace

constinit const command ephemeral_top_command{
    .name = "top",
    .description = "Shows the environments of the node as they live, with what each uses.",
    .footer = top_footer,
    .action = acts_on<top_request, add_options, no_operands<top_request>, top>(),
};

} // namespace gestvenv::cli
