// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/terminal/terminal_control.hpp"
#include "net/terminal/terminal_session.hpp"

#include <gestvenv/environment_info.hpp>

#include <array>
#include <memory>
#include <utility>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;

constexpr const char* usual_command = "python";
constexpr const char* usual_type = "xterm-256color";

std::string otherwise(std::string given, const char* usual) {
    return given.empty() ? usual : given;
}

void open_terminal(call what) {
    terminal::terminal_request wish;
    wish.owner = what.who.id;
    wish.command.text = otherwise(what.text("command"), usual_command);
    wish.command.variables["TERM"] = otherwise(what.text("type"), usual_type);
    wish.size = {static_cast<std::uint16_t>(what.number("columns", wish.size.columns)),
                 static_cast<std::uint16_t>(what.number("rows", wish.size.rows))};
    with_environment(what, [what, wish = std::move(wish)](const environment_info& where) {
        auto its = wish;
        its.environment = where.id;
        auto session = terminal::open_session(*what.node, std::move(its));
        if (!session)
            return what.refuse(session.error());
        what.exchange->open_web_socket([session = *session](std::shared_ptr<http::web_socket> client) {
            if (client)
                terminal::start_session(session, std::move(client));
        });
    });
}

constexpr std::array terminal_query{
    query_parameter{"command", kind::text, "as `text` of an execution (default: the environment's python)"},
    query_parameter{"columns", kind::number, "width of the terminal (default 80)", 1, terminal::most_columns},
    query_parameter{"rows", kind::number, "height of the terminal (default 24)", 1, terminal::most_columns},
    query_parameter{"type", kind::text, "what TERM is for the command (default xterm-256color)"},
};
constexpr std::array terminal_answers{
    route_answer{101, "a WebSocket: binary messages are the terminal's bytes, text messages JSON"}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/terminal",
          .operation_id = "openTerminal",
          .summary = "Runs a command on a terminal, over a WebSocket. It ends with its connection.",
          .needs = right::write,
          .query = terminal_query,
          .answers = terminal_answers,
          .handle = open_terminal},
};

} // namespace

std::span<const route> terminal_page() {
    return page;
}

} // namespace gestvenv::rest
