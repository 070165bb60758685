// SPDX-License-Identifier: MIT
// A command that another part starts: this folder describes commands, only the launcher starts processes.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Variables of a process, by name.
using variable_map = std::map<std::string, std::string>;

/// What to start, and with which variables.
struct tool_command {
    /// The program (an absolute path) and its arguments.
    std::vector<std::string> arguments;
    /// All variables of the process; nothing is inherited beside them.
    variable_map variables;
    /// What it reads on standard input.
    std::string standard_input = {};

    friend bool operator==(const tool_command&, const tool_command&) = default;
};

} // namespace gestvenv::python
