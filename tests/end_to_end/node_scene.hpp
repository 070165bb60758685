// SPDX-License-Identifier: MIT
// A place for one test with a node of its own, which ends with the test.
#pragma once

#include "tests/end_to_end/program.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

namespace gestvenv::test {

class node_scene : public scene {
public:
    node_scene();
    /// Ends the node, if one runs.
    ~node_scene();

    std::filesystem::path record() const { return folder() / "state/gestvenv/node.json"; }
    /// Of the node; 0: there is no record.
    pid_t node() const;
    std::filesystem::path socket() const { return folder() / "run/gestvenv/node.sock"; }

    /// Makes an environment and returns its id; the test ends where that fails.
    std::string create(std::vector<std::string> words);
    /// Parsed output of a command that succeeds.
    nlohmann::json json_of(std::vector<std::string> words);
};

} // namespace gestvenv::test
