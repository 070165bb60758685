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

/// The uv.lock of the workspace that the project in this folder is a member or the root of; empty where there
/// is none.
std::filesystem::path workspace_lock_of(const std::filesystem::path& folder);

/// `requires-python` of a uv.lock, in which uv has put together what all members of a workspace need. Nothing
/// where it has none.
outcome<std::optional<python::version_range>> needed_by_lock(const std::filesystem::path& lock);

} // namespace gestvenv::cli
