// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"

#include "messages/json.hpp"
#include "net/client/problem_document.hpp"

#include <utility>

namespace gestvenv::cli {

namespace {

struct names_wanted {
    node_choice node;
    std::stop_token interrupted;
};

names_wanted& asked_for_names() {
    static names_wanted wanted;
    return wanted;
}

} // namespace

http::server_address address_of(const client_options& node) {
    return {node.socket, node.host, node.port, node.socket.empty() && node.encrypted, node.authorities};
}

outcome<std::vector<rest::environment_usage>> ask_for_usage(node_link& link, bool samples,
                                                            const std::stop_token& interrupted) {
    auto answer =
        link.ask("GET", samples ? "/ephemeral/usage/columns" : "/ephemeral/usage/columns?samples=false", {},
                 node_link::patience::quick, interrupted);
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

void ask_for_names(const node_choice& node, std::stop_token interrupted) {
    asked_for_names() = {node, std::move(interrupted)};
}

std::vector<std::string> living_names() {
    std::vector<std::string> names;
    const auto& [choice, interrupted] = asked_for_names();
    auto node = find_node(choice);
    if (!node || !*node)
        return names;
    node_link link{address_of(**node), (*node)->token};
    auto living = ask_for_usage(link, false, interrupted);
    if (!living)
        return names;
    for (auto& one : *living) {
        names.push_back(std::move(one.name));
        names.push_back(std::move(one.id));
    }
    return names;
}

} // namespace gestvenv::cli
