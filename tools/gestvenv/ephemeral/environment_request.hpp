// SPDX-License-Identifier: MIT
// What is common to the commands about one environment of a node.
#pragma once

#include "tools/gestvenv/command.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/output/output_format.hpp"

#include <gestvenv/client.hpp>
#include <gestvenv/environment_info.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

struct environment_request : command_request {
    node_choice node;
    output_format format = output_format::table;
    /// An id, the beginning of one, or a name.
    std::string wanted;
    /// What is to be said of work under way where the command is interrupted; empty: nothing.
    std::string_view after_interruption;
};

void add_environment_options(option_table& table, environment_request& request);

/// Takes the first operand as the environment.
outcome<void> take_environment(environment_request& request, operand_words& operands);
/// The same, where there is nothing else.
outcome<void> only_environment(environment_request& request, operand_words operands);

/// Ids and names of living environments of the node, for completion.
std::vector<std::string> living_environments(std::size_t place);

/// What names there are.
struct living_at_node {
    /// Whether the node is on this machine, whose state folders tell more.
    bool is_here = true;
    std::vector<environment_info> living;
};

/// `problem`, and for an environment that is not there the reason, or the nearest name that is.
error with_nearest_names(error problem, std::string_view wanted, const living_at_node& of_node);

/// Prints an error and returns its status: `unknown` where the environment is not there.
int report(const error& problem);
/// The same for an error that may be no more than the end of an interrupted command.
int report(const global_options& global, const error& problem);

/// Calls `act` with the node that has the environment, and reports what it throws. A node is not started: it would have no
/// environment. Returns the status.
int with_node_of(const environment_request& request, const std::function<int(client& node)>& act);

} // namespace gestvenv::cli
