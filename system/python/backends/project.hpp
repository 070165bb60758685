// SPDX-License-Identifier: MIT
// How backends install a project: checked, and built where it stands.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/project_file.hpp"
#include "system/python/tool_command.hpp"

#include <gestvenv/project_source.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// invalid_argument, with a hint, for a folder that is relative, or has neither a pyproject.toml nor a setup.py, and
/// for extras and groups that are no names. Looks at the file system.
outcome<void> check_project(const project_source& project);

/// Refuses, for a `tool` that reads the standard's tables alone, a project that only poetry can read: its build
/// would succeed, and install nothing.
outcome<void> check_described(std::string_view tool, const project_source& project, const project_file& file);

/// Refuses the root of a uv workspace that is no project of its own, for a uv that has no lock for it: what it
/// builds of such a folder is nothing that anyone has described.
outcome<void> check_no_bare_root(const project_source& project, const project_file& file);

/// Whether the project has the extras and groups that are asked for, as far as its pyproject.toml says: one
/// that is unknown is invalid_argument, since some tools pass it over with a warning. `tool_table` is where
/// this tool has groups of its own kind beside `[dependency-groups]`, e.g. `tool.pdm`.
outcome<void> check_extras_and_groups(const project_source& wanted, const project_file& project,
                                      std::string_view tool_table);

/// Whether the pyproject.toml names all extras there are; else a setup.py, a setup.cfg or the build backend does.
bool names_extras(const project_file& project) noexcept;

/// The same as check_extras_and_groups() for extras, where `provided` is what the project, once built, says it has.
outcome<void> check_extras_provided(const project_source& wanted, const std::vector<std::string>& provided);

/// The lock of this name that holds for the project, e.g. `uv.lock`: its own, or for uv that of the workspace
/// it is a member of. Empty where there is none, and for an empty name.
std::filesystem::path find_lock(const project_source& project, std::string_view file_name);
bool has_lock(const project_source& project, std::string_view file_name);

/// Whether the project's name is one that can be read without building it.
bool has_known_name(const outcome<project_file>& file);

/// `folder[extra,...]`, as pip and uv take it. A folder whose path they would read otherwise is a `file:` URL,
/// behind the project's name (`NAME[extra,...] @ URL`) where that is known: `file` is what could be read.
std::string with_extras(const std::filesystem::path& folder, const std::vector<std::string>& extras,
                        const outcome<project_file>& file);

/// Where a project is copied to by tools that write into it, where it has no overlay: a folder that does not
/// exist yet, below TMPDIR of `variables`, with the name that the project's folder has, because some tools
/// take their names from it.
std::filesystem::path free_copy_path(const project_source& project, const variable_map& variables);

} // namespace gestvenv::python
