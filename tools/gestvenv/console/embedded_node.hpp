// SPDX-License-Identifier: MIT
// A runtime in this process, for a console of its own: a node that no record names, at a socket of the console's.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/options/global_options.hpp"
#include "tools/gestvenv/run/adopted_children.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <thread>

namespace gestvenv::cli {

/// Its environments end with it.
class embedded_node {
public:
    /// Waits until it is ready.
    static outcome<std::unique_ptr<embedded_node>> start(const global_options& global);
    embedded_node(const embedded_node&) = delete;
    embedded_node& operator=(const embedded_node&) = delete;
    ~embedded_node();

    const std::string& socket() const noexcept { return socket_; }
    /// Ends its environments. Error: residue.
    outcome<void> end();

private:
    embedded_node() = default;

    // Made before the runtime, and outlives it.
    adopted_children launcher_;
    std::string socket_;
    std::stop_source stop_;
    outcome<void> ended_;
    std::thread thread_;
};

} // namespace gestvenv::cli
