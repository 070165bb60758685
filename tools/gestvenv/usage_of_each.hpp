// SPDX-License-Identifier: MIT
// The living environments of a node with what each of them uses, by one request.
#pragma once

#include "messages/outcome.hpp"
#include "net/client/node_link.hpp"
#include "net/rest/environment_usage.hpp"

#include <gestvenv/client.hpp>

#include <string>
#include <vector>

namespace gestvenv::cli {

http::server_address address_of(const client_options& node);

/// Oldest first; without `samples`, ids and names and states alone. Error: node_unreachable, or what the node refuses.
outcome<std::vector<rest::environment_usage>> ask_for_usage(node_link& link, bool samples);

/// Ids and names of a node's living environments, for completion: nothing where no node runs, or where it does not say.
std::vector<std::string> living_names();

} // namespace gestvenv::cli
