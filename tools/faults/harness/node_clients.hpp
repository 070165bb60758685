// SPDX-License-Identifier: MIT
// Clients of a node in a cycle: each a process of its own, which writes down what must not happen to a client.
#pragma once

#include "tools/faults/harness/node_cycle.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::faults {

/// What a client has to know. Everything it writes is below `folder`, under its number.
struct client_scene {
    node_client kind = node_client::worker;
    std::size_t number = 0;
    std::filesystem::path folder;
    std::filesystem::path socket;
    std::filesystem::path program;
    std::vector<std::string> variables;
    /// Whether nothing may go wrong for it.
    bool undisturbed = false;
};

/// Where a client writes what it found, one sentence a line, and what its commands said.
std::filesystem::path findings_of(const client_scene& scene);
std::filesystem::path words_of(const client_scene& scene);

/// Lives as the client does; never returns. Has itself ended by the alarm where it hangs.
[[noreturn]] void be_client(const client_scene& scene);

} // namespace gestvenv::faults
