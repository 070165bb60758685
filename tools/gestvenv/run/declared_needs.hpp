// SPDX-License-Identifier: MIT
// Which versions of Python a project declares that it needs.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/version_range.hpp"

#include <filesystem>
#include <optional>

namespace gestvenv::cli {

/// `requires-python` of the project in this folder, or what poetry has in its place. Nothing where it says
/// nothing, and where its pyproject.toml cannot be read, which its backend tells. Error: invalid_argument for
/// a range that is none.
outcome<std::optional<python::version_range>> needed_by_project(const std::filesystem::path& folder);

} // namespace gestvenv::cli
