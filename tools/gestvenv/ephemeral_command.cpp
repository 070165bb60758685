// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral_command.hpp"

#include "messages/json.hpp"
#include "tools/gestvenv/adopted_children.hpp"
#include "tools/gestvenv/environment_list.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/option_values.hpp"
#include "tools/gestvenv/output.hpp"
#include "tools/gestvenv/receipt_output.hpp"

#include <gestvenv/configuration.hpp>
#include <gestvenv/exceptions.hpp>
#include <gestvenv/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

using format = ephemeral_request::output_format;

constexpr std::array formats{format::table, format::json};

constexpr const char* ephemeral_footer =
    R"(examples:
  gestvenv ephemeral list --all --format json
  gestvenv ephemeral show 3f2a
  gestvenv ephemeral cleanup --orphans)";

constexpr const char* list_footer =
    R"(Reads the state folders of all your programs and changes nothing. An environment is `left` if its program has
died: its processes are gone, and the next start, or `gestvenv ephemeral cleanup --orphans`, removes the rest.
Newest first.)";

constexpr const char* show_footer =
    R"(ENVIRONMENT is an id, the beginning of one (four characters or more), or a name. For at least an
hour after its end, the reason and the receipt are shown.)";

constexpr const char* cleanup_footer =
    R"(exit status:
  0    nothing is left
  125  residue is left; it is listed with the reason
  2    error in the command line or the configuration)";

void add_format(option_table& table, ephemeral_request& request) {
    add_choice(table, {"--format", "FORMAT", "table (default) or json", "options"}, request.format, formats);
}

outcome<count_limit> parse_most_ended(const std::string& option, const std::string& text) {
    auto limit = parse_count_limit(option, text);
    if (limit && limit->count < 0)
        return bad_value(fmt::format("{} must be 0 or more, and is {}", option, text),
                         fmt::format("{} 50, or {} unlimited", option, option));
    return limit;
}

void add_list_options(option_table& table, ephemeral_request& request) {
    table.add_flag({"--all", "", "include orphaned and recently ended environments", "options"}, request.all);
    table.add({"--limit", "N", "show at most N ended environments, or unlimited (default 50)", "options"},
              into(request.most_ended, parse_most_ended));
    add_format(table, request);
}

void add_cleanup_options(option_table& table, ephemeral_request& request) {
    table.add_flag({"--orphans", "", "remove all orphans of crashed programs", "options"}, request.orphans);
    add_format(table, request);
}

outcome<void> one_environment(ephemeral_request& request, operand_words operands) {
    if (operands.words.size() != 1)
        return wrong_operands(operands, "one environment: an id, the beginning of one, or a name");
    request.wanted = operands.words.front();
    return {};
}

outcome<void> something_to_clean(ephemeral_request& request, operand_words operands) {
    if (auto none = no_operands(request, std::move(operands)); !none)
        return none;
    if (!request.orphans)
        return bad_value("gestvenv ephemeral cleanup needs --orphans",
                         "gestvenv ephemeral cleanup --orphans removes what crashed programs have left");
    return {};
}

/// Ids, and the names beside them.
std::vector<std::string> known_names(std::size_t place) {
    std::vector<std::string> names;
    if (place > 0)
        return names;
    try {
        for (auto& item : find_known_environments().environments) {
            names.push_back(std::move(item.id));
            if (!item.name.empty())
                names.push_back(std::move(item.name));
        }
    } catch (const ephemeral_exception&) { // NOLINT(bugprone-empty-catch): what cannot be read has no names
    }
    return names;
}

known_environments find_all() {
    auto known = find_known_environments();
    for (const auto& problem : known.problems)
        print_warning(problem);
    return known;
}

int list(const ephemeral_request& request) {
    auto known = find_all();
    auto now = std::chrono::system_clock::now();
    if (!request.all)
        std::erase_if(known.environments, [](const auto& item) { return item.state != known_state::living; });
    if (auto more = put_newest_first(known.environments, request.most_ended); more > 0)
        print_warning(fmt::format("{} that ended earlier are left out: --limit {} shows all", more,
                                  more + static_cast<std::size_t>(request.most_ended.count)));
    return print(request.format == format::json ? environment_json(known.environments, now)
                                                : environment_table(known.environments, now));
}

int show(const ephemeral_request& request) {
    auto found = pick(find_all().environments, request.wanted);
    if (!found) {
        print_error(found.error());
        return exit_status::internal_error;
    }
    auto now = std::chrono::system_clock::now();
    return print(request.format == format::json ? environment_json(*found, now)
                                                : environment_text(*found, now));
}

std::string summary_of(const std::vector<teardown_receipt>& receipts) {
    if (receipts.empty())
        return "nothing was left behind\n";
    std::string text;
    for (const auto& receipt : receipts)
        text += (text.empty() ? "" : "\n") + readable(receipt) + "\n";
    return text;
}

int cleanup(const ephemeral_request& request) {
    runtime_options options;
    options.config = load_configuration({.file = request.global.configuration_file}).config;
    options.recover_orphans = false; // it is what is done here, and waited for
    options.warn = print_warning;
    if (request.global.verbose)
        options.log = print_log;
    adopted_children launcher;
    runtime host{std::move(options)};
    auto receipts = host.cleanup_orphans();
    auto status =
        print(request.format == format::json ? to_json_value(receipts).dump(2) + "\n" : summary_of(receipts));
    bool clean =
        std::all_of(receipts.begin(), receipts.end(), [](const auto& receipt) { return receipt.clean(); });
    if (clean)
        return status;
    print_error({error_code::cleanup_incomplete,
                 "something could not be removed",
                 {},
                 "it is tried again at the next start; what stays is named above"});
    return exit_status::internal_error;
}

template <int (*Run)(const ephemeral_request&)>
int run(ephemeral_request& request) {
    try {
        return Run(request);
    } catch (const ephemeral_exception& problem) {
        print_error(problem.details());
        return exit_status::of(problem.details().code);
    }
}

constexpr command list_command{
    .name = "list",
    .description = "Lists the environments of all your programs.",
    .footer = list_footer,
    .action = acts_on<ephemeral_request, add_list_options, no_operands<ephemeral_request>, run<list>>(),
};

constexpr command show_command{
    .name = "show",
    .description = "Shows one environment in detail, also after its end.",
    .operands = "ENVIRONMENT",
    .footer = show_footer,
    .complete = known_names,
    .action = acts_on<ephemeral_request, add_format, one_environment, run<show>>(),
};

constexpr command cleanup_command{
    .name = "cleanup",
    .description = "Removes orphans of crashed programs.",
    .footer = cleanup_footer,
    .action = acts_on<ephemeral_request, add_cleanup_options, something_to_clean, run<cleanup>>(),
};

constexpr std::array commands{&list_command, &show_command, &cleanup_command};

} // namespace

std::string_view to_string(format value) noexcept {
    return value == format::table ? "table" : "json";
}

constinit const command ephemeral_command{
    .name = "ephemeral",
    .description = "Lists living and ended environments, and removes orphans of crashed programs.",
    .footer = ephemeral_footer,
    .commands = commands,
};

} // namespace gestvenv::cli
