// SPDX-License-Identifier: MIT
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"
#include "net/terminal/lasting_session.hpp"
#include "net/terminal/messages.hpp"
#include "net/terminal/session_connection.hpp"
#include "net/terminal/session_tunnel.hpp"
#include "net/terminal/terminal_control.hpp"
#include "net/terminal/terminal_session.hpp"

#include <gestvenv/environment_info.hpp>

#include <array>
#include <memory>
#include <utility>
#include <vector>

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

// The session outlives the connection, which carries it from now on.
void carry_session(call what) {
    if (!what.asked().from.local)
        return what.refuse({error_code::invalid_argument,
                            "a session that can be left is reached over the node's Unix socket alone",
                            {},
                            "a terminal over a WebSocket: GET .../terminal"});
    const auto* protocol = what.asked().headers.find("Upgrade");
    if (protocol == nullptr || *protocol != terminal::protocol_name)
        return what.refuse({error_code::invalid_argument,
                            "this needs a connection that is upgraded to gestvenv-terminal",
                            {},
                            "gestvenv ephemeral shell speaks it"});
    with_environment(what, [what](const environment_info& where) {
        auto loop = what.node->terminals.loop();
        if (!loop)
            return what.refuse(loop.error());
        what.exchange->upgrade(terminal::protocol_name,
                               [node = what.node, loop = *loop,
                                place = terminal::session_place{where.id, what.who.id}](descriptor socket) {
                                   if (socket)
                                       terminal::serve_session(*node, loop, std::move(socket), place);
                               });
    });
}

// The same for who is elsewhere.
void tunnel_session(call what) {
    with_environment(what, [what](const environment_info& where) {
        auto loop = what.node->terminals.loop();
        if (!loop)
            return what.refuse(loop.error());
        auto sockets = terminal::make_session_sockets();
        if (!sockets)
            return what.refuse(sockets.error());
        what.exchange->open_web_socket(
            [node = what.node, loop = *loop,
             kept = std::make_shared<terminal::session_sockets>(std::move(*sockets)),
             place =
                 terminal::session_place{where.id, what.who.id}](std::shared_ptr<http::web_socket> client) {
                if (client)
                    terminal::carry_session(*node, loop, kept, std::move(client), place);
            });
    });
}

void list_sessions(call what) {
    with_environment(what, [what](const environment_info& where) {
        what.node->terminals.list(where.id,
                                  [what](const std::vector<std::shared_ptr<terminal::lasting_session>>& all) {
                                      std::vector<terminal::session_info> infos;
                                      for (const auto& one : all)
                                          infos.push_back(one->info());
                                      what.answer(200, to_json_value(infos));
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

constexpr std::array session_answers{route_answer{
    101, "a connection that carries a session; its messages are between programs of one version"}};
constexpr std::array tunnel_answers{route_answer{
    101, "a WebSocket: binary messages are pieces of the stream that a session's connection is; its "
         "messages are between programs of one version"}};
constexpr std::array sessions_answer{
    route_answer{200, "those that run", schema_of<std::vector<terminal::session_info>>}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/terminal",
          .operation_id = "openTerminal",
          .summary = "Runs a command on a terminal, over a WebSocket. It ends with its connection.",
          .needs = right::write,
          .query = terminal_query,
          .answers = terminal_answers,
          .handle = open_terminal},
    route{.method = "POST",
          .path = "/api/v1/ephemeral/environments/{env}/terminals",
          .operation_id = "openTerminalSession",
          .summary =
              "Begins a terminal session that goes on without its client, or comes back to one. For gestvenv "
              "ephemeral shell and attach, over the Unix socket.",
          .needs = right::write,
          .answers = session_answers,
          .handle = carry_session},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/terminals/connection",
          .operation_id = "tunnelTerminalSession",
          .summary = "The same over a WebSocket, for clients on TCP.",
          .needs = right::write,
          .answers = tunnel_answers,
          .handle = tunnel_session},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/terminals",
          .operation_id = "listTerminalSessions",
          .summary = "Lists the terminal sessions of an environment that go on without their clients.",
          .answers = sessions_answer,
          .handle = list_sessions},
};

} // namespace

std::span<const route> terminal_page() {
    return page;
}

} // namespace gestvenv::rest
