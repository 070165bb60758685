// SPDX-License-Identifier: MIT
// What a project or a script declares that it needs: versions of Python, and packages.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/version_range.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gestvenv::cli {

/// `requires-python` of the project in this folder, or what poetry has in its place. Nothing where it says
/// nothing, and where its pyproject.toml cannot be read, which its backend tells. Error: invalid_argument for
/// a range that is none.
outcome<std::optional<python::version_range>> needed_by_project(const std::filesystem::path& folder);

/// `requires-python` of a script's own metadata (PEP 723). Nothing where it has none. Error: invalid_argument
/// for metadata that is no TOML, and for a range that is none.
outcome<std::optional<python::version_range>> needed_by_script(const std::filesystem::path& file);

/// `dependencies` of a script's own metadata (PEP 723), as written. Empty where it has none. Error:
/// invalid_argument for metadata that is no TOML, and for what is no list of texts.
outcome<std::vector<std::string>> packages_of_script(const std::filesystem::path& file);

/// The content of the `script` block of PEP 723, its comment signs taken away; nothing where there is none.
std::optional<std::string> metadata_of_script(std::string_view text);

} // namespace gestvenv::cli
