// SPDX-License-Identifier: MIT
// What `gestvenv run` is asked for.
#pragma once

#include "tools/gestvenv/ephemeral/creation_request.hpp"
#include "tools/gestvenv/node/node_access.hpp"
#include "tools/gestvenv/run/artifact_pattern.hpp"

#include <gestvenv/command_spec.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// Whose home folder a command has.
enum class home_folder : std::uint8_t {
    private_, ///< the environment's own, which goes with it
    host,     ///< the caller's
};

constexpr std::string_view to_string(home_folder value) noexcept {
    return value == home_folder::host ? "host" : "private";
}

/// `gestvenv run`: one environment, made for it or not, one command in it.
struct run_request : creation_request {
    /// The environment of a node in which the command is run, by name or id; unset: one is made for it.
    std::optional<std::string> existing;
    /// The node that has it.
    node_choice node;
    /// Its `working_directory` is empty where the caller's own is meant.
    command_spec command;
    /// Start it in the environment's own `work` folder.
    bool in_work_folder = false;
    /// Variables of the caller's that the command gets, where they are set.
    std::vector<std::string> passed_variables;
    home_folder home = home_folder::private_;
    /// What is missing in it of what a script declares is installed.
    bool installs_missing = false;
    /// The command was `-`: a script from standard input.
    bool is_from_input = false;
    /// The command's words stand behind --packages and its value, without `--`: some may be packages.
    bool follows_packages = false;
    /// Files of variables, in order: a later one wins.
    std::vector<std::string> variable_files;
    /// What is copied out of the environment's `work` folder before it goes.
    std::vector<artifact_rule> artifacts;
    /// Where the teardown receipt goes, as JSON; `-`: standard error.
    std::optional<std::string> receipt;
};

} // namespace gestvenv::cli
