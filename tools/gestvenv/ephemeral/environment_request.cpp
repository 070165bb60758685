// SPDX-License-Identifier: MIT
#include "tools/gestvenv/ephemeral/environment_request.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "tools/gestvenv/ephemeral/environment_list.hpp"
#include "tools/gestvenv/ephemeral/usage_of_each.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/exceptions.hpp>
#include <gestvenv/known_environments.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* shows_all = "gestvenv ephemeral list shows what there is";

/// What state folders tell; nothing where they cannot be read, for another error is under way.
std::vector<known_environment> known_here() {
    try {
        return find_known_environments().environments;
    } catch (const ephemeral_exception&) {
        return {};
    }
}

error not_found(std::string_view wanted) {
    return {error_code::environment_not_found, fmt::format("no environment {} lives", shown(wanted)), {}, {}};
}

// Only this user's environments on this machine are in the folders; those of a node elsewhere it tells itself.
std::optional<error> reason_here(std::string_view wanted, const std::vector<known_environment>& here) {
    auto found = pick(here, wanted);
    if (!found)
        return std::nullopt;
    auto problem = not_found(wanted);
    problem.environment = found->name;
    switch (found->state) {
    case known_state::living:
        problem.message =
            fmt::format("environment {} is not the node's: the program that made it holds it", shown(wanted));
        problem.hint = "it ends with its program; gestvenv ephemeral show shows it";
        return problem;
    case known_state::left:
        problem.message =
            fmt::format("environment {} was left behind by a program that crashed", shown(wanted));
        problem.hint = "gestvenv ephemeral cleanup --orphans removes the rest of it";
        return problem;
    case known_state::ended:
        problem.message = fmt::format("environment {} has ended", shown(wanted));
        problem.hint = "gestvenv ephemeral show tells why";
        return problem;
    }
    return std::nullopt;
}

} // namespace

void add_environment_options(option_table& table, environment_request& request) {
    add_format_option(table, request.format);
    add_node_options(table, request.node);
}

outcome<void> take_environment(environment_request& request, operand_words& operands) {
    if (operands.words.empty() || operands.words.front().empty())
        return wrong_operands(operands, "an environment: an id, the beginning of one, or a name");
    request.wanted = std::move(operands.words.front());
    operands.words.erase(operands.words.begin());
    return {};
}

outcome<void> only_environment(environment_request& request, operand_words operands) {
    if (operands.words.size() != 1)
        return wrong_operands(operands, "one environment: an id, the beginning of one, or a name");
    return take_environment(request, operands);
}

std::vector<std::string> living_environments(std::size_t place) {
    return place == 0 ? living_names() : std::vector<std::string>{};
}

error with_nearest_names(error problem, std::string_view wanted, const living_at_node& of_node) {
    if (problem.code != error_code::environment_not_found)
        return problem;
    std::vector<std::string> names;
    for (const auto& item : of_node.living)
        names.push_back(item.name);
    if (of_node.is_here) {
        const auto here = known_here();
        if (auto told = reason_here(wanted, here))
            return *told;
        for (const auto& item : here)
            if (item.state == known_state::living && !item.name.empty())
                names.push_back(item.name);
    }
    if (auto near = nearest_name(wanted, names))
        problem.hint = fmt::format("did you mean {}? {}", shown(*near), shows_all);
    else
        problem.hint = shows_all;
    return problem;
}

int report(const error& problem) {
    print_error(problem);
    return problem.code == error_code::environment_not_found ? exit_status::unknown
                                                             : exit_status::of(problem.code);
}

int report(const global_options& global, const error& problem) {
    return global.interrupted.stop_requested() ? exit_status::interrupted : report(problem);
}

int with_node_of(const environment_request& request, const std::function<int(client& node)>& act) {
    auto found = find_node(request.node);
    if (!found)
        return report(found.error());
    living_at_node of_node;
    if (!*found)
        return report(with_nearest_names(not_found(request.wanted), request.wanted, of_node));
    of_node.is_here = !(*found)->socket.empty();
    client node{std::move(**found)};
    const std::stop_callback ending{request.global.interrupted, [&node] { node.cancel(); }};
    try {
        return act(node);
    } catch (const ephemeral_exception& problem) {
        if (request.global.interrupted.stop_requested()) {
            if (!request.after_interruption.empty())
                print_warning(request.after_interruption);
            return exit_status::interrupted;
        }
        if (problem.details().code == error_code::environment_not_found) {
            try {
                of_node.living = node.list();
            } catch (
                const ephemeral_exception&) { // NOLINT(bugprone-empty-catch): the first error is the news
            }
        }
        return report(with_nearest_names(problem.details(), request.wanted, of_node));
    }
}

} // namespace gestvenv::cli
