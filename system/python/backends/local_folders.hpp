// SPDX-License-Identifier: MIT
// Folders of this machine that an installation builds: a project, and what it or a requirements file names by
// its path.
#pragma once

#include "system/python/backends/backend.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

struct local_folders {
    /// Without symbolic links; all that could be found, each once.
    std::vector<std::filesystem::path> built;
    /// Those that will be linked to instead of being installed.
    std::vector<std::filesystem::path> editable;
    /// Names of the projects in `built`, as far as they are written down.
    std::vector<std::string> names;
};

/// Paths in `text` of pyproject.toml or of a lock, of folders that can be built: `path = "../lib"`,
/// `directory = "../lib"`, `lib @ file:///lib`. They count from `base`. Finds too much rather than too
/// little: a folder that is not built after all has an overlay for nothing.
std::vector<std::filesystem::path> folders_named_in(std::string_view text, const std::filesystem::path& base);

/// The folder of a URL `file:///...`, or of `file://localhost/...`; empty for another one.
std::filesystem::path folder_of_url(std::string_view url);

/// Folders that packages in this virtual environment were installed from (direct_url.json): tools that
/// resolve all of it again build them again.
std::vector<std::filesystem::path> folders_installed_from(const std::filesystem::path& venv);

/// What `request` builds: its project, folders among its packages, `named` ones (of requirements files), and
/// what those depend on by path. `editable`: folders that are linked to. Reads pyproject.toml and locks of at
/// most 64 folders.
local_folders find_local_folders(const backend_request& request,
                                 const std::vector<std::filesystem::path>& named,
                                 const std::vector<std::filesystem::path>& editable);

} // namespace gestvenv::python
