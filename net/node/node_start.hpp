// SPDX-License-Identifier: MIT
// Starts a node as a process of its own, which goes on when the caller has ended.
#pragma once

#include "messages/outcome.hpp"
#include "net/node/node_place.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv {

struct node_start_options {
    /// The program `gestvenv-node`; its `node start --foreground` becomes the node.
    std::filesystem::path program;
    /// What follows these words.
    std::vector<std::string> arguments;
    /// Whether the node is to go on when the job of a CI runner ends: without the variables by which runners find what
    /// a job has left (RUNNER_TRACKING_ID, JENKINS_NODE_COOKIE, BUILD_ID).
    bool outlives_job = false;
    std::chrono::milliseconds patience{20'000};
};

struct started_node {
    node_record record;
    /// Whether it lived already.
    bool was_there = false;
};

/// The node at `place`, started where there is none. It has a session of its own, `/` as its folder, the log file as
/// its streams, and of the caller's variables those alone that it needs: a step's secrets are not for the next one.
/// Of several callers one starts it. Error: node_unreachable, with what the node said.
outcome<started_node> start_node(const node_place& place, const node_start_options& options);

/// Whether a variable is kept for a node.
bool is_kept_for_node(std::string_view name, bool outlives_job) noexcept;

} // namespace gestvenv
