// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/token_command.hpp"

#include "messages/iso_time.hpp"
#include "messages/json.hpp"
#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "net/node/token_store.hpp"
#include "system/journal/state_folder.hpp"
#include "system/python/search_context.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/output_format.hpp"
#include "tools/gestvenv/output/text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

struct token_request : command_request {
    output_format format = output_format::table;
    rest::right may = rest::right::write;
    /// Unset or `unlimited`: it does not expire.
    std::optional<std::chrono::seconds> lives;
    /// The name of a new one; the name or id of one to revoke.
    std::string name;
};

constexpr std::array rights{rest::right::read, rest::right::write, rest::right::admin};

constexpr const char* token_footer =
    R"(A node that listens on TCP (gestvenv node start --listen) lets in who has a token. They are kept
hashed, and hold whether or not a node runs. Programs get a token from GESTVENV_TOKEN or a file,
never from an option.

examples:
  gestvenv token create ci --right write --expires 30d >token
  gestvenv token list
  gestvenv token revoke ci)";

constexpr const char* create_footer =
    R"(Prints the secret alone, once: only its hash is kept. A token sees and ends the environments that
were made with it; one with the right `admin` those of others, too.)";

constexpr const char* revoke_footer = "It is refused from the next request on. Its environments live on.";

token_store store() {
    return token_store{default_state_root(python::search_context_from_process().writable_home)};
}

void add_create_options(option_table& table, token_request& request) {
    add_choice(
        table,
        {"--right", "RIGHT",
         "read: list and show; write: make, use and end environments (default); admin: those of others, too",
         "options"},
        request.may, rights);
    table.add({"--expires", "TIME", "refuse it after this time (default: never)", "options"},
              into(request.lives, parse_lifetime));
    add_format_option(table, request.format);
}

void add_format(option_table& table, token_request& request) {
    add_format_option(table, request.format);
}

outcome<void> one_name(token_request& request, operand_words operands) {
    if (operands.words.size() != 1 || operands.words.front().empty())
        return wrong_operands(operands, "one name");
    request.name = operands.words.front();
    return {};
}

outcome<void> one_token(token_request& request, operand_words operands) {
    if (operands.words.size() != 1 || operands.words.front().empty())
        return wrong_operands(operands, "one token: its name or its id");
    request.name = operands.words.front();
    return {};
}

/// Without the digest, which only the node needs.
nlohmann::json shown_as_json(const token_info& token) {
    nlohmann::json value{{"id", token.id},
                         {"name", token.name},
                         {"right", to_string(token.may)},
                         {"created_at", to_iso_time(token.created_at)},
                         {"expires_at", nullptr}};
    if (token.expires_at)
        value["expires_at"] = to_iso_time(*token.expires_at);
    return value;
}

int failed(const error& problem) {
    print_error(problem);
    return problem.code == error_code::not_found ? exit_status::unknown : exit_status::of(problem.code);
}

int create(token_request& request) {
    auto lives = request.lives;
    if (lives && *lives == unlimited)
        lives.reset();
    auto made = store().create(request.name, request.may, lives);
    if (!made)
        return failed(made.error());
    if (request.format == output_format::table)
        return print(made->secret + "\n");
    auto value = shown_as_json(made->info);
    value["token"] = made->secret;
    return print(value.dump(2) + "\n");
}

int list(token_request& request) {
    auto all = store().list();
    if (!all)
        return failed(all.error());
    if (request.format == output_format::json) {
        auto values = nlohmann::json::array();
        for (const auto& one : *all)
            values.push_back(shown_as_json(one));
        return print(values.dump(2) + "\n");
    }
    if (all->empty())
        return print("no tokens\n");
    std::vector<text_row> rows{{"ID", "NAME", "RIGHT", "CREATED", "EXPIRES"}};
    for (const auto& one : *all)
        rows.push_back({one.id, one.name, std::string{to_string(one.may)}, to_iso_time(one.created_at),
                        one.expires_at ? to_iso_time(*one.expires_at) : "never"});
    return print(text_table(rows));
}

int revoke(token_request& request) {
    auto tokens = store();
    auto gone = tokens.revoke(request.name);
    if (gone && request.format == output_format::json)
        return print(shown_as_json(*gone).dump(2) + "\n");
    if (gone)
        return print(fmt::format("token {} ({}) is revoked\n", gone->name, gone->id));
    auto problem = gone.error();
    if (problem.code == error_code::not_found) {
        std::vector<std::string> names;
        if (auto all = tokens.list())
            for (const auto& one : *all)
                names.push_back(one.name);
        if (auto near = nearest_name(request.name, names))
            problem.hint = fmt::format("did you mean {}?", shown(*near));
    }
    return failed(problem);
}

std::vector<std::string> token_names(std::size_t place) {
    std::vector<std::string> names;
    if (place > 0)
        return names;
    if (auto all = store().list())
        for (auto& one : *all)
            names.push_back(std::move(one.name));
    return names;
}

constexpr command create_command{
    .name = "create",
    .description = "Makes a token and prints its secret.",
    .operands = "NAME",
    .footer = create_footer,
    .needs_encryption = true,
    .action = acts_on<token_request, add_create_options, one_name, create>(),
};

constexpr command list_command{
    .name = "list",
    .description = "Lists the tokens, without their secrets.",
    .action = acts_on<token_request, add_format, no_operands<token_request>, list>(),
};

constexpr command revoke_command{
    .name = "revoke",
    .description = "Ends a token.",
    .operands = "TOKEN",
    .footer = revoke_footer,
    .complete = token_names,
    .action = acts_on<token_request, add_format, one_token, revoke>(),
};

constexpr std::array commands{&create_command, &list_command, &revoke_command};

} // namespace

constinit const command token_command{
    .name = "token",
    .description = "Makes, lists and revokes tokens by which clients are let in to the node over TCP.",
    .footer = token_footer,
    .commands = commands,
};

} // namespace gestvenv::cli
