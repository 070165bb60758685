// SPDX-License-Identifier: MIT
#include "tools/gestvenv/terminal/session_access.hpp"

#include "net/client/environment_path.hpp"
#include "net/client/problem_document.hpp"
#include "net/http/web_socket_tunnel.hpp"
#include "tools/gestvenv/ephemeral/environment_request.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/node/node_requests.hpp"
#include "tools/gestvenv/output/output.hpp"
#include "tools/gestvenv/terminal/terminal_attachment.hpp"
#include "tools/gestvenv/termination.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

namespace gestvenv::cli {

namespace {

constexpr std::size_t shown_of_id = 8;

/// For the connection, and for the answer, of a node on another machine.
constexpr std::chrono::seconds patience_with_node{20};

/// What carries a session's frames.
struct session_channel {
    descriptor socket;
    /// To a node on another machine; null: the socket is the node's.
    std::unique_ptr<http::web_socket_tunnel> tunnel;
};

outcome<session_channel> tunnel_to(const node_requests& node, const std::string& path) {
    return http::web_socket_tunnel::open(node.where, node.request_for("GET", path + "/connection"),
                                         patience_with_node)
        .and_then([](http::web_socket_tunnel::opened opened) -> outcome<session_channel> {
            if (const auto* refusal = std::get_if<http::response>(&opened))
                return failure(problem_in(*refusal).what);
            auto& tunnel = std::get<std::unique_ptr<http::web_socket_tunnel>>(opened);
            auto socket = tunnel->take_end();
            return session_channel{std::move(socket), std::move(tunnel)};
        });
}

outcome<session_channel> connect(const session_request& request, const std::string& environment_id) {
    auto node = requests_to(request.node);
    if (!node)
        return failure(std::move(node).error());
    const auto path = environment_path(environment_id, "terminals");
    if (node->where.socket.empty())
        return tunnel_to(*node, path);
    auto client = http::client::connect(node->where, {});
    if (!client)
        return failure(std::move(client).error());
    return client->upgrade(node->request_for("POST", path), terminal::protocol_name)
        .map([](descriptor socket) {
            return session_channel{std::move(socket), nullptr};
        });
}

/// Of a connection that was lost the network's reason is the better one.
error with_reason(error problem, const session_channel& channel, const std::string& environment) {
    const auto why = channel.tunnel ? channel.tunnel->why_lost() : std::string{};
    if (why.empty() || problem.code != error_code::node_unreachable)
        return problem;
    return {
        error_code::node_unreachable, fmt::format("the connection to the node was lost: {}", why),
        environment,
        fmt::format("a session goes on without it as long as its node; come back with: gestvenv ephemeral "
                    "attach {}",
                    environment)};
}

outcome<std::string> usual_keys() {
    return parse_detach_keys("--detach-keys", usual_detach_keys);
}

int conclude(const session_request& request, const attachment_end& end) {
    if (end.result)
        return end.result->returncode;
    if (!end.session.empty())
        print_log(as_called(fmt::format("session {} goes on; come back with: gestvenv ephemeral attach {} {}",
                                        end.session.substr(0, shown_of_id), request.environment,
                                        end.session.substr(0, shown_of_id))));
    if (end.signal != 0 && request.global.in_console != nullptr)
        return exit_status::signal_base + end.signal;
    if (end.signal != 0)
        termination::die(end.signal);
    return 0;
}

int show(const session_request& request, const std::string& environment_id, terminal::open wish) {
    auto keys = request.keys.empty() ? usual_keys() : outcome<std::string>{request.keys};
    auto ended =
        std::move(keys)
            .and_then(
                [](std::string wanted) { return terminal_attachment::open(detach_keys{std::move(wanted)}); })
            .and_then([&](terminal_attachment terminal) {
                return connect(request, environment_id).and_then([&](session_channel channel) {
                    return terminal.run(std::move(channel.socket), std::move(wish), request.global.signals)
                        .map_error([&](error problem) {
                            return with_reason(std::move(problem), channel, request.environment);
                        });
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
    place.global = request.global;
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
