// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/sessions_of_node.hpp"

#include "messages/json.hpp"
#include "net/client/environment_path.hpp"
#include "net/client/node_link.hpp"
#include "net/client/problem_document.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"

#include <utility>

namespace gestvenv::cli {

outcome<std::optional<terminal_sessions>> sessions_of_node(const node_choice& choice,
                                                           const std::string& environment_id,
                                                           const std::stop_token& interrupted) {
    auto node = find_node(choice);
    if (!node)
        return failure(std::move(node).error());
    if (!*node)
        return std::nullopt;
    node_link link{address_of(**node), (*node)->token};
    auto answer = link.ask("GET", environment_path(environment_id, "terminals"), {},
                           node_link::patience::quick, interrupted);
    if (!answer)
        return failure(std::move(answer).error());
    if (answer->status >= 400) {
        auto problem = problem_in(*answer).what;
        if (problem.code == error_code::environment_not_found || problem.code == error_code::environment_gone)
            return std::nullopt; // another program holds it
        return failure(std::move(problem));
    }
    return parse_json(answer->body)
        .and_then([](const nlohmann::json& value) { return from_json_value<terminal_sessions>(value); })
        .map([](terminal_sessions sessions) { return std::optional{std::move(sessions)}; });
}

} // namespace gestvenv::cli
