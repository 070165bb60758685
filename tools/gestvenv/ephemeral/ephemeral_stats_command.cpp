// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_stats_command.hpp"

#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/resource_usage.hpp>

#include <fmt/format.h>

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct stats_request : command_request {
    node_choice node;
    output_format format = output_format::table;
};

constexpr const char* stats_footer =
    R"(Where no node runs, nothing is used; the limits are those that one would have. None is started.)";

void add_options(option_table& table, stats_request& request) {
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

/// Without a node nothing is used.
resource_usage unused(const stats_request& request) {
    const auto config = load_configuration({.file = request.global.configuration_file}).config;
    resource_usage usage;
    usage.max_concurrent = config.max_concurrent;
    usage.max_total_memory_mb = config.max_total_memory_mb;
    usage.max_total_disk_mb = config.max_total_disk_mb;
    return usage;
}

resource_usage usage_of(const stats_request& request, client_options options) {
    client node{std::move(options)};
    const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
    return node.usage();
}

std::string usage_text(const resource_usage& usage) {
    std::vector<text_row> rows{
        {"environments", fmt::format("{} of {}", usage.active_environments, usage.max_concurrent)},
        {"memory", fmt::format("{:.1f} of {} MB", usage.total_memory_mb, usage.max_total_memory_mb.count)},
        {"disk", fmt::format("{:.1f} of {} MB", usage.total_disk_mb, usage.max_total_disk_mb.count)}};
    for (const auto& one : usage.alerts)
        rows.push_back({to_string(one.level) == "critical" ? "critical" : "warning",
                        fmt::format("{}: {} {:.0f}, threshold {:.0f}",
                                    one.environment_name.empty() ? one.environment_id : one.environment_name,
                                    to_string(one.kind), one.value, one.threshold)});
    return text_table(rows, output_width());
}

int stats(stats_request& request) {
    try {
        auto found = find_node(request.node);
        if (!found)
            return report(found.error());
        const auto usage = *found ? usage_of(request, std::move(**found)) : unused(request);
        return print(request.format == output_format::json ? json_text(to_json_value(usage))
                                                           : usage_text(usage));
    } catch (const ephemeral_exception& problem) {
        return report(request.global, problem.details());
    }
}

} // namespace

constinit const command ephemeral_stats_command{
    .name = "stats",
    .description = "Shows what all environments of the node use together, the limits, and the alerts.",
    .footer = stats_footer,
    .action = acts_on<stats_request, add_options, no_operands<stats_request>, stats>(),
};

} // namespace gestvenv::cli
