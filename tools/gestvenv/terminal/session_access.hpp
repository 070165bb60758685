// SPDX-License-Identifier: MIT
// What `gestvenv ephemeral shell` and `attach` have in common: a terminal session of a node, on this terminal.
#pragma once

#include "net/terminal/messages.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/options/global_options.hpp"
#include "tools/gestvenv/options/option_table.hpp"

#include <string>

namespace gestvenv::cli {

struct session_request {
    node_choice node;
    /// An id, the beginning of one, or a name.
    std::string environment;
    /// As parse_detach_keys() makes them; empty: the usual ones.
    std::string keys;
    global_options global = {};
};

void add_detach_option(option_table& table, std::string& keys);

/// Shows the session on this terminal, until it ends or is left. Returns the exit status: that of the session's command,
/// or 0 where it goes on. Ends the program by a signal that it gets, and where that is a console, the command alone.
int show_session(const session_request& request, terminal::open wish);

} // namespace gestvenv::cli
