// SPDX-License-Identifier: MIT
// Which variables an installer and a command get. Pure functions of the caller's variables: nothing is read
// from the process.
#pragma once

#include "system/python/tool_command.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace gestvenv::python {

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

/// The variables of an installer: the caller's settings that say where packages come from, with which
/// certificates, accounts and keys and through which proxy (`PIP_*`, `UV_*`, POETRY_HTTP_BASIC_*,
/// SSL_CERT_FILE, HTTPS_PROXY and friends in both cases, NETRC, SSH_AUTH_SOCK, GIT_SSH_COMMAND ...), without
/// those that would change what is installed into or run (PIP_TARGET, PIP_USER, UV_PYTHON, VIRTUAL_ENV,
/// `PYTHON*` ...), and without what only publishing needs (`UV_PUBLISH_*`, `POETRY_PYPI_TOKEN_*`, `TWINE_*`
/// ...); and the base variables of a process (PATH, HOME, LANG, TMPDIR). PATH is the system's folders, then
/// the caller's.
///
/// HOME is the caller's: pip, uv and git read their settings, netrc and caches there. Foreign build code may
/// read what the isolation in force lets it read, not what HOME says.
variable_map installer_variables(const variable_map& callers, const variable_paths& paths);

/// The variables of a command before the caller's `pass_env` and `set_env`: what a user of the activated
/// environment has, and nothing of the caller's but HOME, USER, LOGNAME, LANG, LC_*, TZ and TERM.
/// PATH is that of path_in_environment() before /usr/local/bin:/usr/bin:/bin.
variable_map command_variables(const variable_map& callers, const variable_paths& paths);

/// A PATH in which the environment's programs come before `path`: its `bin`, then the notices.
std::string path_in_environment(const variable_paths& paths, std::string_view path);

/// Whether installer_variables() passes this variable of the caller's on.
bool reaches_installer(std::string_view name) noexcept;

/// Whether this variable would have an installer install somewhere or something else, or change its output:
/// it is kept from installers, whichever side sets it.
bool leads_installer_elsewhere(std::string_view name) noexcept;

/// Whether a requirements file that names this variable (`${NAME}`) gets the caller's: not where its value
/// would change the installer itself (`PYTHON*`, `LD_*`, what is withheld above).
bool may_be_named_for_installer(std::string_view name) noexcept;

} // namespace gestvenv::python
