// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral_options.hpp"

#include "tools/gestvenv/option_values.hpp"

#include <fmt/format.h>

#include <array>

namespace gestvenv::cli {

namespace {

using format = ephemeral_request::output_format;
using kind = ephemeral_request::action_kind;

constexpr std::array formats{format::table, format::json};

constexpr const char* ephemeral_footer =
    R"(examples:
  gestvenv ephemeral list --all --format json
  gestvenv ephemeral show 3f2a
  gestvenv ephemeral cleanup --orphans)";

constexpr const char* list_footer =
    R"(Environments of all your programs are read from their state folders; nothing is disturbed. One whose program
has died is `left`: its processes are gone, and what else there may be the next start removes, or
`gestvenv ephemeral cleanup --orphans` now. The newest come first.)";

constexpr const char* show_footer =
    R"(ENVIRONMENT is an id, the beginning of one (four characters or more), or a name. For an hour at least after
its end it is known how it ended, and what its teardown removed.)";

constexpr const char* cleanup_footer =
    R"(exit status:
  0    nothing is left
  125  something is: it is named, with the reason
  2    the command line or the configuration is not right)";

CLI::App& add(CLI::App& ephemeral, const char* name, const char* description, const char* footer) {
    auto& command = *ephemeral.add_subcommand(name, description);
    command.fallthrough();
    command.footer(footer);
    command.get_help_ptr()->group("options");
    return command;
}

void add_format(CLI::App& command, option_table& table, ephemeral_request& request) {
    table.add_to(command, {"--format", "FORMAT", "table (default) or json", "options"},
                 into(request.format, [](const auto& option, const auto& text) {
                     return parse_choice(option, text, formats);
                 }));
}

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::table ? "table" : "json";
}

void add_ephemeral_commands(CLI::App& ephemeral, option_table& table, ephemeral_request& request) {
    ephemeral.description("Shows the environments there are and have been, and removes what crashes left.");
    ephemeral.footer(ephemeral_footer);
    ephemeral.fallthrough();
    ephemeral.get_help_ptr()->group("options");
    auto& list = add(ephemeral, "list", "Shows the environments of all your programs.", list_footer);
    list.add_flag("--all", request.all, "those that were left behind or have ended lately, too")
        ->group("options");
    table.add_to(
        list,
        {"--limit", "N", "of those that have ended at most so many, or unlimited (default 50)", "options"},
        into(request.most_ended, [](const auto& option, const auto& text) -> outcome<count_limit> {
            auto limit = parse_count_limit(option, text);
            if (limit && limit->count < 0)
                return bad_value(fmt::format("{} must be 0 or more, and is {}", option, text),
                                 fmt::format("{} 50, or {} unlimited", option, option));
            return limit;
        }));
    add_format(list, table, request);
    auto& show = add(ephemeral, "show", "Shows all that is known of one, also after its end.", show_footer);
    add_format(show, table, request);
    auto& cleanup = add(ephemeral, "cleanup", "Removes what crashed programs have left.", cleanup_footer);
    cleanup.add_flag("--orphans", request.orphans, "everything that a program left which is no more")
        ->group("options");
    add_format(cleanup, table, request);
}

std::string ephemeral_operands(std::string_view command) {
    return command == "show" ? "ENVIRONMENT" : "";
}

outcome<void> complete(ephemeral_request& request, std::string_view command,
                       const std::vector<std::string>& operands) {
    auto wrong = [command](const char* what) {
        return bad_value(fmt::format("gestvenv ephemeral {} takes {}", command, what),
                         fmt::format("gestvenv ephemeral {} --help", command));
    };
    if (command == "show") {
        request.kind = kind::show;
        if (operands.size() != 1)
            return wrong("one environment: an id, the beginning of one, or a name");
        request.wanted = operands.front();
        return {};
    }
    request.kind = command == "cleanup" ? kind::cleanup : kind::list;
    if (!operands.empty())
        return wrong("no operand");
    if (request.kind == kind::cleanup && !request.orphans)
        return bad_value("it is not said what to clean up",
                         "gestvenv ephemeral cleanup --orphans removes what crashed programs have left");
    return {};
}

} // namespace gestvenv::cli
