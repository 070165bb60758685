// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/node_open_command.hpp"

#include "messages/json.hpp"
#include "net/client/problem_document.hpp"
#include "net/http/client.hpp"
#include "net/page/page_info.hpp"
#include "net/page/page_sessions.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/json_output.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/output/output_format.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

struct open_request : command_request {
    output_format format = output_format::table;
    bool in_browser = false;
    bool read_only = false;
};

constexpr std::chrono::seconds answer_limit{10};

constexpr const char* footer =
    R"(The page shows the node's environments, with graphs, output and terminals, and makes, uses and ends them. The link
works once, within a minute; the browser then has a session of twelve hours, which ends with the node. An open page does
not keep a node that has no environments.

examples:
  gestvenv node open
  gestvenv node open --browser
  gestvenv node open --read-only)";

void add_options(option_table& table, open_request& request) {
    table.add_flag({"--browser", "", "open the link by xdg-open", "options"}, request.in_browser);
    table.add_flag({"--read-only", "", "the page lists and shows only", "options"}, request.read_only);
    add_format_option(table, request.format);
}

outcome<page::page_link> ask_for_link(const client_options& node, const open_request& request) {
    if (node.socket.empty())
        return failure(error_code::permission_denied,
                       "a link to the page is given on the node's machine alone",
                       "gestvenv node open, there; without GESTVENV_NODE it is your own node's");
    auto client = http::client::connect({.socket = node.socket}, {.answer = answer_limit});
    if (!client)
        return failure(std::move(client).error());
    http::request asked;
    asked.method = "POST";
    asked.target = "/api/v1/system/page";
    asked.headers.add("Content-Type", "application/json");
    asked.body = to_json_value(page::page_link_request{request.read_only, request.in_browser}).dump();
    auto answer = client->ask(asked);
    if (!answer)
        return failure(std::move(answer).error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    return parse_json(answer->body).and_then([](const nlohmann::json& value) {
        return from_json_value<page::page_link>(value);
    });
}

// This process becomes the browser's starter: the link is in the file, and so on no command line.
int become_browser(const std::string& file) {
    std::signal(SIGPIPE, SIG_DFL);
    ::execlp("xdg-open", "xdg-open", file.c_str(), nullptr);
    auto failed = system_failure(errno, "cannot start xdg-open").value();
    failed.hint = "open the link above in a browser, or: apt-get install xdg-utils";
    print_error(failed);
    return exit_status::internal_error;
}

int open(open_request& request) {
    if (request.in_browser && request.global.in_console != nullptr) {
        print_error(
            bad_value("--browser is not for a console, which starts no program outside an environment",
                      "open the link that `node open` prints")
                .value());
        return exit_status::usage;
    }
    auto node = reach_node({}, request.global);
    if (!node) {
        print_error(node.error());
        return exit_status::of(node.error().code);
    }
    auto link = ask_for_link(*node, request);
    if (!link) {
        print_error(link.error());
        return exit_status::of(link.error().code);
    }
    const bool json = request.format == output_format::json;
    if (auto status = print(json ? json_text(to_json_value(*link)) : link->url + "\n"); status != 0)
        return status;
    if (!json)
        print_log(fmt::format("the link works once, within {} s", page::page_sessions::link_lives.count()));
    return request.in_browser ? become_browser(link->file) : 0;
}

} // namespace

constinit const command node_open_command{
    .name = "open",
    .description = "Prints a link that opens the node's page in a browser; starts a node if none runs.",
    .footer = footer,
    .action = acts_on<open_request, add_options, no_operands<open_request>, open>(),
};

} // namespace gestvenv::cli
