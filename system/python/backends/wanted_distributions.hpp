// SPDX-License-Identifier: MIT
// Status 0 of an installer is not enough: what was asked for has to be in the environment.
#pragma once

#include "system/python/backends/backend.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Names of what has to be there after an installation, as written: packages, what requirements files list, and the
/// project where it is one that is built, else what it depends on as an application. Not what a marker may leave out,
/// nor what has no name before it is built.
std::vector<std::string> wanted_distributions(const package_backend& tool, const backend_request& request);

/// Whether a project that has been installed into the environment at `venv` has the extras that were asked for, where only
/// its build could tell: installers pass an unknown one over, with a warning. invalid_argument names those it has.
outcome<void> check_extras_of_installed(const project_source& project, const std::filesystem::path& venv);

/// install_failed: the installer ended well, and `missing` (not empty) is not in the environment. Says where
/// it went, if the installer has said so.
error not_installed(const package_backend& tool, const std::vector<std::string>& missing,
                    const tool_result& result);

} // namespace gestvenv::python
