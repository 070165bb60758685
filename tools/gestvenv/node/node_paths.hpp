// SPDX-License-Identifier: MIT
// Paths of the caller's that a node is to read.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/options/temporary_list.hpp"

#include <gestvenv/environment_spec.hpp>
#include <gestvenv/project_source.hpp>

#include <string>
#include <vector>

namespace gestvenv::cli {

/// What is a pipe here, or open in this process, gets a file that another process can read; which goes with
/// this object. For a node elsewhere, paths are of its machine: they must be absolute, and nothing here is looked at.
/// Every error is invalid_argument, or system_failure where such a file cannot be made.
class node_paths {
public:
    explicit node_paths(bool node_is_here) noexcept : node_is_here_(node_is_here) {}
    node_paths(const node_paths&) = delete;
    node_paths& operator=(const node_paths&) = delete;
    ~node_paths() = default;

    outcome<void> prepare_requirements(std::string& file);
    outcome<void> prepare_project(project_source& project) const;
    outcome<void> prepare(environment_spec& environment);

private:
    bool node_is_here_;
    std::vector<temporary_list> made_;
};

} // namespace gestvenv::cli
