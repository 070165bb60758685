// SPDX-License-Identifier: MIT
#include "tools/gestvenv/usage_of_each.hpp"

#include "messages/json.hpp"
#include "net/client/problem_document.hpp"
#include "tools/gestvenv/node_access.hpp"

#include <utility>

namespace gestvenv::cli {

http::server_address address_of(const client_options& node) {
    return {node.socket, node.host, node.port, node.socket.empty() && node.encrypted, node.authorities};
}

outcome<std::vector<rest::environment_usage>> ask_for_usage(node_link& link, bool samples) {
    auto answer = link.ask("GET", samples ? "/ephemeral/usage" : "/ephemeral/usage?samples=false", {},
                           node_link::patience::quick);
    if (!answer)
        return failure(std::move(answer).error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    return parse_json(answer->body)
        .and_then([](const nlohmann::json& value) { return from_json_value<rest::usage_columns>(value); })
        .and_then([](rest::usage_columns columns) -> outcome<std::vector<rest::environment_usage>> {
            if (auto rows = std::move(columns).rows())
                return std::move(*rows);
            return failure(error_code::invalid_argument, "its lists are of different lengths");
        })
        .map_error([](const error& problem) {
            return error{error_code::node_unreachable,
                         "what the node says of its environments cannot be read: " + problem.message,
                         {},
                         "it may be of another version; end it with: gestvenv node stop"};
        });
}

std::vector<std::string> living_names() {
    std::vector<std::string> names;
    auto node = find_node({});
    if (!node || !*node)
        return names;
    node_link link{address_of(**node), (*node)->token};
    auto living = ask_for_usage(link, false);
    if (!living)
        return names;
    for (auto& one : *living) {
        names.push_back(std::move(one.name));
        names.push_back(std::move(one.id));
    }
    return names;
}

} // namespace gestvenv::cli
