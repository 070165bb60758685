// SPDX-License-Identifier: MIT
// The living environments of a node with what each of them uses, by one request.
#pragma once

#include "messages/outcome.hpp"
#include "net/client/node_link.hpp"
#include "net/rest/environment_usage.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <gestvenv/client.hpp>

#include <stop_token>
#include <string>
#include <vector>

namespace gestvenv::cli {

http::server_address address_of(const client_options& node);

/// Oldest first; without `samples`, ids and names and states alone. Error: node_unreachable, or what the node refuses.
outcome<std::vector<rest::environment_usage>> ask_for_usage(node_link& link, bool samples,
                                                            const std::stop_token& interrupted = {});

/// Ids and names of a node's living environments, for completion: nothing where no node runs, or where it does not say.
std::vector<std::string> living_names();

/// Has living_names() ask this node from now on, until a stop is requested; before, the user's own, or that of GESTVENV_NODE.
void ask_for_names(const node_choice& node, std::stop_token interrupted);

} // namespace gestvenv::cli
