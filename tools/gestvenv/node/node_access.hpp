// SPDX-License-Identifier: MIT
// How commands find the node they speak to, and start it where there is none.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/options/global_options.hpp"
#include "tools/gestvenv/options/option_table.hpp"

#include <gestvenv/client.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gestvenv::cli {

/// Which node is meant. What is not given is in variables: GESTVENV_NODE; GESTVENV_TOKEN, GESTVENV_TOKEN_FILE. Nothing
/// at all: the user's own on this machine.
struct node_choice {
    std::string address;
    std::string token_file;
    /// PEM file of the authorities that are trusted, else GESTVENV_NODE_AUTHORITIES, else the system's.
    std::string authorities;
};

void add_node_options(option_table& table, node_choice& choice);

/// Whether one was named, by an option or a variable.
bool is_named(const node_choice& choice);
/// Whether it is on this machine, at a Unix socket.
bool is_local(const node_choice& choice);

/// A path of a Unix socket, or `https://HOST:PORT`; `http://` on the loopback alone. Error: invalid_argument.
outcome<client_options> parse_node_address(std::string_view text);

/// Where the node of `choice` is; nothing where that is the user's own, and none runs. Error: also for one of another
/// version.
outcome<std::optional<client_options>> find_node(const node_choice& choice);

/// Of one that was found, and then did not take a connection: whether it was the user's own, which has ended or does so
/// within a second.
bool has_ended(const node_choice& choice);

/// The same as find_node(); starts the user's own where none runs, and says so on standard error.
outcome<client_options> reach_node(const node_choice& choice, const global_options& global);

} // namespace gestvenv::cli
