// SPDX-License-Identifier: MIT
// What a project stands in: a repository, a workspace.
#pragma once

#include <filesystem>
#include <vector>

namespace gestvenv::python {

/// Folders around `folder`, which is absolute and without links, that hold a repository (git, Mercurial,
/// Subversion, Jujutsu) or a workspace (uv, Cargo), the outermost first; at most four. Not the system's.
std::vector<std::filesystem::path> enclosing_folders(const std::filesystem::path& folder);

/// Where a git repository that `folder` is in keeps its data, if that is outside of its tree: of a worktree,
/// of a submodule.
std::vector<std::filesystem::path> repository_data(const std::filesystem::path& folder);

/// Folders in which everybody's files are, and those of the kernel: no project of one user.
bool is_system_folder(const std::filesystem::path& folder);

} // namespace gestvenv::python
