// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/ephemeral_list_command.hpp"

#include "tools/gestvenv/ephemeral/environment_list.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/node/known_of_node.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/units.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <utility>

namespace gestvenv::cli {

namespace {

struct list_request : command_request {
    node_choice node;
    output_format format = output_format::table;
    /// Those that were left behind or have ended, too.
    bool all = false;
    /// Of those that have ended, at most so many are shown.
    count_limit most_ended{50};
};

constexpr const char* list_footer =
    R"(Reads the state folders of all your programs, and asks the node if one runs; starts none, and
changes nothing. An environment is `left` if its program has died: its processes are gone, and the
next start, or `gestvenv ephemeral cleanup --orphans`, removes the rest. Newest first. With --node
only what that node has.)";

outcome<count_limit> parse_most_ended(const std::string& option, const std::string& text) {
    auto limit = parse_count_limit(option, text);
    if (limit && limit->count < 0)
        return bad_value(fmt::format("{} must be 0 or more, and is {}", option, text),
                         fmt::format("{} 50, or {} unlimited", option, option));
    return limit;
}

void add_options(option_table& table, list_request& request) {
    table.add_flag({"--all", "", "include orphaned and recently ended environments", "options"}, request.all);
    table.add({"--limit", "N", "show at most N ended environments, or unlimited (default 50)", "options"},
              into(request.most_ended, parse_most_ended));
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

int list(list_request& request) {
    auto found = known_environments_of(request.node, request.global.interrupted);
    if (!found)
        return report(request.global, found.error());
    auto& known = *found;
    auto now = std::chrono::system_clock::now();
    if (!request.all)
        std::erase_if(known, [](const auto& item) { return item.state != known_state::living; });
    if (auto more = put_newest_first(known, request.most_ended); more > 0)
        print_warning(fmt::format("{} that ended earlier are left out: --limit {} shows all", more,
                                  more + static_cast<std::size_t>(request.most_ended.count)));
    return print(request.format == output_format::json ? environment_json(known, now)
                                                       : environment_table(known, now));
}

} // namespace

constinit const command ephemeral_list_command{
    .name = "list",
    .description = "Lists the environments of all your programs.",
    .footer = list_footer,
    .action = acts_on<list_request, add_options, no_operands<list_request>, list>(),
};

} // namespace gestvenv::cli
