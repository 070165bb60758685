// SPDX-License-Identifier: MIT
// What happens to a node in one cycle: its clients, and the one strike among them.
#pragma once

#include "tools/faults/common/fault_plan.hpp"
#include "tools/faults/harness/steps.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::faults {

enum class node_strike : std::uint32_t {
    none,
    injected, ///< what `node_cycle::injected` says, by the program itself
    kill_node,
    kill_launcher,
    kill_keepers,
    kill_node_and_launcher,
    kill_all, ///< node, launcher and keepers
    kill_clients,
    kill_everything, ///< all and the clients
    terminate,       ///< SIGTERM
    hang_up,         ///< SIGHUP
    stop_and_go,     ///< SIGSTOP, and SIGCONT a while later
    stop_and_kill,
};

inline constexpr std::array all_node_strikes{
    node_strike::none,          node_strike::injected,     node_strike::kill_node,
    node_strike::kill_launcher, node_strike::kill_keepers, node_strike::kill_node_and_launcher,
    node_strike::kill_all,      node_strike::kill_clients, node_strike::kill_everything,
    node_strike::terminate,     node_strike::hang_up,      node_strike::stop_and_go,
    node_strike::stop_and_kill,
};

std::string_view to_string(node_strike value) noexcept;
/// Whether processes of the node are killed.
bool kills(node_strike value) noexcept;
bool kills_node(node_strike value) noexcept;
bool kills_launcher(node_strike value) noexcept;
bool kills_keepers(node_strike value) noexcept;
bool kills_clients(node_strike value) noexcept;
/// Whether the node has to go on, and to serve all clients, as if nothing had been.
bool disturbs_nothing(node_strike value) noexcept;

enum class node_client : std::uint32_t {
    worker,         ///< makes, uses and ends environments
    command_line,   ///< the same by `ephemeral create`, `run --env` and `ephemeral cleanup`
    streamer,       ///< follows events
    stopped_reader, ///< stops reading in the middle of a command's output
    half_closer,    ///< ends writing before it has its answer
    babbler,        ///< sends what is no request
    holder,         ///< an environment that ends with its connection
    owner,          ///< an environment that ends with its process
    canceller,      ///< an operation that is cancelled
    token_maker,    ///< makes and revokes tokens
};

inline constexpr std::array all_node_clients{
    node_client::worker,      node_client::command_line, node_client::streamer, node_client::stopped_reader,
    node_client::half_closer, node_client::babbler,      node_client::holder,   node_client::owner,
    node_client::canceller,   node_client::token_maker,
};

std::string_view to_string(node_client value) noexcept;

struct node_cycle {
    node_strike strike = node_strike::none;
    fault_kind injected = fault_kind::none;
    /// Where it comes; empty: so long after the clients have begun.
    std::string step;
    std::uint32_t occurrence = 1;
    std::chrono::milliseconds after{0};
    std::vector<node_client> clients;
    /// No one starts the node before: the first command that needs one does.
    bool started_by_clients = false;

    friend bool operator==(const node_cycle&, const node_cycle&) = default;
};

std::string to_string(const node_cycle& what);

/// The places of the node's own at which faults are tried; those of the runtime in it have all_steps().
const std::vector<step>& node_steps();

/// The cycle of this number: the same for the same seed.
node_cycle draw_node(std::uint64_t seed, std::uint64_t number);
/// Every step of the node with every strike and every injected fault that fits.
std::vector<node_cycle> node_walk();
/// Every step once, each with another strike.
std::vector<node_cycle> short_node_walk();

} // namespace gestvenv::faults
