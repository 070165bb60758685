// SPDX-License-Identifier: MIT
// Which variables an installer gets: those that any tool needs, and those that the backends name as their
// tools'. Pure functions of the caller's variables: nothing is read from the process.
#pragma once

#include "system/python/process_variables.hpp"

#include <string_view>

namespace gestvenv::python {

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

/// Whether installer_variables() passes this variable of the caller's on.
bool reaches_installer(std::string_view name);

/// Whether this variable would have an installer install somewhere or something else, or change its output:
/// it is kept from installers, whichever side sets it.
bool leads_installer_elsewhere(std::string_view name);

/// Whether a requirements file that names this variable (`${NAME}`) gets the caller's: not where its value
/// would change the installer itself (`PYTHON*`, `LD_*`, what is withheld above).
bool may_be_named_for_installer(std::string_view name);

} // namespace gestvenv::python
