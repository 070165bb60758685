// SPDX-License-Identifier: MIT
// The variables of processes in an environment, and those of a command. Pure functions of the caller's
// variables: nothing is read from the process.
#pragma once

#include "system/python/tool_command.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace gestvenv::python {

/// The folders of the system's programs, as a PATH.
inline constexpr std::string_view system_path = "/usr/local/bin:/usr/bin:/bin";

/// Where the process will run, for the variables that name it.
struct variable_paths {
    /// The environment, as the process sees it.
    std::filesystem::path venv_path;
    /// TMPDIR; empty: not set.
    std::filesystem::path temporary_folder;
    /// HOME; empty: the caller's HOME.
    std::filesystem::path home;
    /// VIRTUAL_ENV_PROMPT of a command, as `activate` sets it; empty: not set.
    std::string prompt;
    /// Programs that stand in for what the environment has not; empty: none.
    std::filesystem::path notices{};
};

/// Variables every process needs: HOME and TMPDIR.
variable_map base_variables(const variable_map& callers, const variable_paths& paths);

/// The variables of a command before the caller's `pass_env` and `set_env`: what a user of the activated
/// environment has, and nothing of the caller's but HOME, USER, LOGNAME, LANG, LC_*, TZ and TERM.
/// PATH is that of path_in_environment() before /usr/local/bin:/usr/bin:/bin.
variable_map command_variables(const variable_map& callers, const variable_paths& paths);

/// A PATH in which the environment's programs come before `path`: its `bin`, then the notices.
std::string path_in_environment(const variable_paths& paths, std::string_view path);

} // namespace gestvenv::python
