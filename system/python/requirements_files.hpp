// SPDX-License-Identifier: MIT
// What requirements files ask for, found out before an installer reads them: with which variables, in which
// encodings, and what must be there afterwards.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/tool_command.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gestvenv::python {

/// Of some requirements files with all that they include.
struct requirements_summary {
    /// Names of what is to be installed in any case, as written; not what a marker may leave out, nor what
    /// has no name before it is built.
    std::vector<std::string> names;
    /// Folders of `-e`.
    std::vector<std::filesystem::path> editables;
    /// Other folders that are named by their path or by a `file:` URL; whether there is a project in them is
    /// not looked at.
    std::vector<std::filesystem::path> folders;
    /// NAME of every `${NAME}`, for which pip and uv put a variable.
    std::set<std::string> variables;
    /// Whether one names an index (`--index-url`), which holds for all then.
    bool names_index = false;
    /// All of it in one text, in UTF-8; set where a file is in an encoding that uv does not read, or has lines that it
    /// does not.
    std::optional<std::string> rewritten;
};

/// Reads `files`, absolute paths, and what they include. Other paths in them count from `working_folder`, as pip and uv
/// have it, and `${NAME}` in a path is replaced by that of `variables`, where an installer gets it. What is no regular
/// file is passed over (a pipe can be read only once), and so is what cannot be read: the installer says so.
/// invalid_argument for a file in another encoding than it says, and for more than 16 MB or 500 files.
outcome<requirements_summary> summarize_requirements(const std::vector<std::filesystem::path>& files,
                                                     const std::filesystem::path& working_folder,
                                                     const variable_map& variables);

} // namespace gestvenv::python
