// SPDX-License-Identifier: MIT
// The terminal sessions of an environment, as the node tells them.
#pragma once

#include "messages/outcome.hpp"
#include "net/terminal/session_info.hpp"
#include "tools/gestvenv/node/node_access.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gestvenv::cli {

using terminal_sessions = std::vector<terminal::session_info>;

/// Of an environment by its id. Nothing where no node runs, or the node does not have it. Starts no node.
outcome<std::optional<terminal_sessions>> sessions_of_node(const node_choice& choice,
                                                           const std::string& environment_id,
                                                           const std::stop_token& interrupted = {});

} // namespace gestvenv::cli
