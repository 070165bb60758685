// SPDX-License-Identifier: MIT
#include "tools/gestvenv/node/known_of_node.hpp"

#include "tools/gestvenv/output/output.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gestvenv::cli {

namespace {

std::vector<environment_info> living_at(client_options options, const std::stop_token& interrupted) {
    client node{std::move(options)};
    const std::stop_callback ending{interrupted, [&node] { node.cancel(); }};
    return node.list();
}

/// State folders have an environment as it was when it became ready.
void bring_up_to_date(std::vector<known_environment>& known, std::vector<environment_info> living) {
    for (auto& one : living) {
        auto place =
            std::find_if(known.begin(), known.end(), [&](const auto& item) { return item.id == one.id; });
        if (place != known.end() && place->state == known_state::living)
            place->info = std::move(one);
    }
}

} // namespace

outcome<std::vector<known_environment>> known_environments_of(const node_choice& choice,
                                                              const std::stop_token& interrupted) {
    const bool is_own = !is_named(choice);
    auto node = find_node(choice);
    if (!node && !is_own)
        return failure(std::move(node).error());
    try {
        std::vector<known_environment> known;
        if (!is_own) {
            for (auto& one : living_at(std::move(**node), interrupted))
                known.push_back({one.id, one.name, known_state::living, one, {}, {}});
            return known;
        }
        auto here = find_known_environments();
        for (const auto& problem : here.problems)
            print_warning(problem);
        known = std::move(here.environments);
        if (!node) {
            print_warning(node.error().message);
        } else if (*node) {
            try {
                bring_up_to_date(known, living_at(std::move(**node), interrupted));
            } catch (const ephemeral_exception& problem) {
                print_warning(fmt::format("what the node holds is shown as it was when it was made: {}",
                                          problem.details().message));
            }
        }
        return known;
    } catch (const ephemeral_exception& problem) {
        return failure(problem.details());
    }
}

} // namespace gestvenv::cli
