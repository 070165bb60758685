// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/package_names.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/exceptions.hpp>

#include <algorithm>
#include <stop_token>

namespace gestvenv::cli {

std::vector<std::string> package_names::of(const std::string& environment) {
    auto wanted = environment;
    if (wanted.empty() && console_.current())
        wanted = console_.current()->id;
    if (wanted.empty())
        return {};
    const auto known =
        std::find_if(known_.begin(), known_.end(), [&](const auto& one) { return one.first == wanted; });
    if (known != known_.end())
        return known->second;
    return known_.emplace_back(wanted, ask(wanted)).second;
}

std::vector<std::string> package_names::ask(const std::string& environment) {
    auto found = find_node(console_.node());
    if (!found || !*found)
        return {};
    const command_scope scope{console_.signals()};
    client node{std::move(**found)};
    const std::stop_callback ending{scope.interrupted(), [&node] { node.cancel(); }};
    std::vector<std::string> names;
    try {
        for (auto& one : node.attach(environment).packages())
            names.push_back(std::move(one.name));
    } catch (const ephemeral_exception&) {
        names.clear();
    }
    return names;
}

} // namespace gestvenv::cli
