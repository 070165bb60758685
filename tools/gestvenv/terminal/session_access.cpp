// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/session_access.hpp"

#include "net/client/node_link.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_requests.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/terminal/terminal_attachment.hpp"
#include "tools/gestvenv/termination.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr std::size_t shown_of_id = 8;

outcome<descriptor> connect(const session_request& request, const std::string& environment_id) {
    auto node = requests_to(request.node);
    if (!node)
        return failure(std::move(node).error());
    if (node->where.socket.empty())
        return failure(
            error_code::invalid_argument,
            "a terminal session of a node is reached over its Unix socket, not at a host and a port",
            "docs/rest.md has the terminal over a WebSocket");
    auto client = http::client::connect(node->where, {});
    if (!client)
        return failure(std::move(client).error());
    const auto asked = node->request_for(
        "POST", fmt::format("/ephemeral/environments/{}/terminals", path_part(environment_id)));
    return client->upgrade(asked, terminal::protocol_name);
}

outcome<std::string> usual_keys() {
    return parse_detach_keys("--detach-keys", usual_detach_keys);
}

int conclude(const session_request& request, const attachment_end& end) {
    if (end.result)
        return end.result->returncode;
    if (!end.session.empty())
        print_log(fmt::format("session {} goes on; come back with: gestvenv ephemeral attach {} {}",
                              end.session.substr(0, shown_of_id), request.environment,
                              end.session.substr(0, shown_of_id)));
    if (end.signal != 0)
        termination::die(end.signal);
    return 0;
}

int show(const session_request& request, const std::string& environment_id, terminal::open wish) {
    auto keys = request.keys.empty() ? usual_keys() : outcome<std::string>{request.keys};
    auto ended = std::move(keys)
                     .and_then([](std::string wanted) {
                         return terminal_attachment::open(detach_keys{std::move(wanted)});
                     })
                     .and_then([&](terminal_attachment terminal) {
                         return connect(request, environment_id).and_then([&](descriptor socket) {
                             return terminal.run(std::move(socket), std::move(wish));
                         });
                     });
    if (ended)
        return conclude(request, *ended);
    print_error(ended.error());
    const int status = exit_status::of(ended.error().code);
    // Too late to be about the words of the command line.
    return status == exit_status::usage ? exit_status::internal_error : status;
}

} // namespace

void add_detach_option(option_table& table, std::string& keys) {
    table.add(
        {"--detach-keys", "KEYS", "the keys that leave the session (default: ctrl-p,ctrl-q)", "options"},
        into(keys, parse_detach_keys));
}

int show_session(const session_request& request, terminal::open wish) {
    environment_request place;
    place.node = request.node;
    place.wanted = request.environment;
    bool is_there = false;
    const int status = with_node_of(place, [&](client& node) {
        const auto id = node.find(request.environment).id;
        is_there = true;
        return show(request, id, std::move(wish));
    });
    // 1 may be what the session's command has ended with.
    return is_there ? status : exit_status::internal_error;
}

} // namespace gestvenv::cli
