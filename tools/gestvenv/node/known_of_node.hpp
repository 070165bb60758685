// SPDX-License-Identifier: MIT
// Environments as `list` and `show` know them: what state folders tell, and the node, where one runs.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <gestvenv/known_environments.hpp>

#include <stop_token>
#include <vector>

namespace gestvenv::cli {

/// Of the node that was named alone; else of all programs of this user, with what the user's node says now of its own.
/// Starts no node. Prints a warning for what cannot be read, and for a node that does not answer.
outcome<std::vector<known_environment>> known_environments_of(const node_choice& choice,
                                                              const std::stop_token& interrupted = {});

} // namespace gestvenv::cli
