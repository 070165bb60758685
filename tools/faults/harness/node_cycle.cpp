// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_cycle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>

namespace gestvenv::faults {

namespace {

constexpr std::array strike_names{"none",          "injected",     "kill-node",
                                  "kill-launcher", "kill-keepers", "kill-node-and-launcher",
                                  "kill-all",      "kill-clients", "kill-everything",
                                  "terminate",     "hang-up",      "stop-and-go",
                                  "stop-and-kill"};
static_assert(strike_names.size() == all_node_strikes.size());

constexpr std::array client_names{"worker",  "command-line", "streamer", "stopped-reader", "half-closer",
                                  "babbler", "holder",       "owner",    "canceller",      "token-maker"};
static_assert(client_names.size() == all_node_clients.size());

/// The longest that a drawn strike waits: by then all clients are at work.
constexpr std::size_t longest_delay = 700;
constexpr std::size_t most_clients = 7;

constexpr std::array faults_of_program{fault_kind::exception,          fault_kind::clock_ahead,
                                       fault_kind::clock_back,         fault_kind::journal_fails,
                                       fault_kind::journal_fails_once, fault_kind::journal_full};

// On the threads of the server and of the watch there is no one who would take it: memory that is exhausted there ends
// the node, and its launcher does the rest.
bool takes_exceptions(const step& where) {
    const std::string_view name = where.name;
    return where.has_sender || name.starts_with("node:") || name.starts_with("operation");
}

std::vector<node_cycle> strikes_at(const step& where) {
    std::vector<node_cycle> cycles;
    node_cycle next;
    next.step = where.name;
    next.clients.assign(all_node_clients.begin(), all_node_clients.end());
    for (auto strike : all_node_strikes) {
        if (strike == node_strike::none || strike == node_strike::injected)
            continue;
        next.strike = strike;
        cycles.push_back(next);
    }
    next.strike = node_strike::injected;
    for (auto fault : faults_of_program) {
        if (fault == fault_kind::exception && !takes_exceptions(where))
            continue;
        next.injected = fault;
        cycles.push_back(next);
    }
    return cycles;
}

} // namespace

std::string_view to_string(node_strike value) noexcept {
    return strike_names.at(static_cast<std::size_t>(value));
}

std::string_view to_string(node_client value) noexcept {
    return client_names.at(static_cast<std::size_t>(value));
}

bool kills_node(node_strike value) noexcept {
    return value == node_strike::kill_node || value == node_strike::kill_node_and_launcher ||
           value == node_strike::kill_all || value == node_strike::kill_everything ||
           value == node_strike::stop_and_kill;
}

bool kills_launcher(node_strike value) noexcept {
    return value == node_strike::kill_launcher || value == node_strike::kill_node_and_launcher ||
           value == node_strike::kill_all || value == node_strike::kill_everything;
}

bool kills_keepers(node_strike value) noexcept {
    return value == node_strike::kill_keepers || value == node_strike::kill_all ||
           value == node_strike::kill_everything;
}

bool kills_clients(node_strike value) noexcept {
    return value == node_strike::kill_clients || value == node_strike::kill_everything;
}

bool kills(node_strike value) noexcept {
    return kills_node(value) || kills_launcher(value) || kills_keepers(value);
}

bool disturbs_nothing(node_strike value) noexcept {
    return value == node_strike::none || value == node_strike::hang_up || value == node_strike::stop_and_go;
}

std::string to_string(const node_cycle& what) {
    std::vector<std::string_view> clients;
    std::transform(what.clients.begin(), what.clients.end(), std::back_inserter(clients),
                   [](auto client) { return to_string(client); });
    return fmt::format("{} {}, clients {}{}",
                       what.strike == node_strike::injected ? to_string(what.injected)
                                                            : to_string(what.strike),
                       what.step.empty() ? fmt::format("after {} ms", what.after.count())
                                         : fmt::format("at '{}' (time {})", what.step, what.occurrence),
                       fmt::join(clients, " "), what.started_by_clients ? ", which start the node" : "");
}

const std::vector<step>& node_steps() {
    static const auto steps = [] {
        std::vector<step> result{
            {"node: has its lock", 1},
            {"node: has its runtime", 1},
            {"node: has its services", 1},
            {"node: has bound its socket", 1},
            {"node: listens", 1},
            {"node: is about to write its record", 1},
            {"node: has written its record", 1},
            {"node: is ready", 1},
            {"node: is about to end", 1},
            {"node: has removed its record and its socket", 1},
            {"node: has taken everything down", 1},
            {"owners: one is about to be watched", 1},
            {"owners: one has ended", 1},
            {"owners: a connection is about to be held", 1},
            {"owners: an environment is about to end without its owner", 1},
            {"operations: is about to start one", 8},
            {"operations: has started one", 8},
            {"operations: one has ended", 8},
            {"operation: is about to tell what came of it", 8},
        };
        for (const char* name : {"start_atom", "ended_atom", "follow_atom"})
            for (const char* when : {" is about to be sent", " has been sent"})
                result.push_back({fmt::format("message: gestvenv::{}{}", name, when), 2});
        return result;
    }();
    return steps;
}

node_cycle draw_node(std::uint64_t seed, std::uint64_t number) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32), 16U};
    std::mt19937_64 random{words};
    auto below = [&random](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    node_cycle result;
    if (below(3) == 0) {
        result.strike = all_node_strikes.at(2 + below(all_node_strikes.size() - 2));
        result.after = std::chrono::milliseconds{below(longest_delay)};
        result.started_by_clients = below(3) == 0;
    } else {
        // The runtime in the node reaches steps of its own as well.
        const auto& steps = below(2) == 0 ? node_steps() : all_steps();
        const auto& where = steps[below(steps.size())];
        auto all = strikes_at(where);
        result = all[below(all.size())];
        result.occurrence = static_cast<std::uint32_t>(1 + below(where.times));
    }
    result.clients.clear();
    const auto clients = 1 + below(most_clients);
    for (std::size_t i = 0; i < clients; ++i)
        result.clients.push_back(all_node_clients.at(below(all_node_clients.size())));
    if (result.started_by_clients)
        result.clients.front() = node_client::command_line;
    return result;
}

std::vector<node_cycle> node_walk() {
    std::vector<node_cycle> cycles;
    for (const auto& where : node_steps()) {
        auto some = strikes_at(where);
        cycles.insert(cycles.end(), some.begin(), some.end());
    }
    return cycles;
}

std::vector<node_cycle> short_node_walk() {
    std::vector<node_cycle> cycles;
    std::size_t number = 0;
    for (const auto& where : node_steps()) {
        auto some = strikes_at(where);
        cycles.push_back(some[number++ % some.size()]);
    }
    return cycles;
}

} // namespace gestvenv::faults
