// SPDX-License-Identifier: MIT
// What a project's pyproject.toml says about it, read without its build backend. Sources: the specification
// of pyproject.toml (packaging.python.org), PEP 621, PEP 735; the tables of uv, pdm and poetry.
#pragma once

#include "messages/outcome.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::python {

/// Unset or empty where the file does not say it.
struct project_file {
    /// As written; of `[project]`, else of `[tool.poetry]`.
    std::string name;
    /// There is a `[project]` table.
    bool is_described = false;
    /// There is a `[build-system]` table.
    bool has_build_system = false;
    /// What is left to the build backend, e.g. `version`.
    std::vector<std::string> dynamic;
    std::vector<std::string> dependencies;
    /// By normalised name.
    std::map<std::string, std::vector<std::string>> extras;
    /// Names of groups, by the table that has them: `dependency-groups`, `tool.uv`, `tool.pdm`,
    /// `tool.poetry`.
    std::map<std::string, std::vector<std::string>> groups;
    /// `package` of uv, `package-mode` of poetry and `distribution` of pdm: whether it is more than its
    /// dependencies.
    std::optional<bool> uv_package;
    std::optional<bool> poetry_package;
    std::optional<bool> pdm_package;
    /// `members` and `exclude` of `[tool.uv.workspace]`; unset where it has none.
    struct workspace_patterns {
        std::vector<std::string> members;
        std::vector<std::string> exclude;
    };
    std::optional<workspace_patterns> workspace;
    /// Normalised names of dependencies that need not be installed under them: what is overridden or left
    /// out by uv or pdm, and what uv has from a folder, which may be no package.
    std::set<std::string> replaced;

    bool leaves_to_backend(std::string_view field) const;
};

/// Reads text; `name` is for messages. invalid_argument where it is no TOML, or more than
/// system/toml_bounds.hpp lets through.
outcome<project_file> parse_project_file(std::string_view text, std::string_view name);

/// Reads `folder`'s pyproject.toml, at most 1 MB of it.
outcome<project_file> read_project_file(const std::filesystem::path& folder);

/// Whether the project has nothing to be built: no `[build-system]`, no setup.py, nothing of its
/// metadata left to a backend, and no tool told to install it all the same. `uv run` takes such an
/// application as it is, and installs what it depends on.
bool is_application(const project_file& project, const std::filesystem::path& folder);

/// What an application depends on, with these extras of it (normalised); an extra that names others of the
/// project (`demo[a,b]`) is taken apart.
std::vector<std::string> dependencies_of(const project_file& project, const std::vector<std::string>& extras);

} // namespace gestvenv::python
