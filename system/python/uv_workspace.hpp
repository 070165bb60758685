// SPDX-License-Identifier: MIT
// Workspaces of uv: projects below a root that share its lock, its sources and its constraints.
#pragma once

#include <filesystem>
#include <vector>

namespace gestvenv::python {

/// The root of the workspace that the project in `folder` is a member of; empty where it is none, and where
/// it is a root itself. Looks at the file system.
std::filesystem::path uv_workspace_root(const std::filesystem::path& folder);

/// Folders of the members of the workspace with this root, as its pyproject.toml has them; without the root.
std::vector<std::filesystem::path> uv_workspace_members(const std::filesystem::path& root);

} // namespace gestvenv::python
