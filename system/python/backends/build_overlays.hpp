// SPDX-License-Identifier: MIT
// Which folders get an overlay while something is built in them (system/isolation/overlay.hpp).
#pragma once

#include "system/isolation/overlay.hpp"
#include "system/python/backends/local_folders.hpp"
#include "system/python/tool_command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gestvenv::python {

struct build_overlays {
    overlay_wish wish;
    /// What is built without an overlay, and why; a sentence each.
    std::vector<std::string> notes;
};

/// What must not be hidden, or caught, by an overlay.
struct overlay_bounds {
    /// No overlay at it or above it.
    std::filesystem::path home;
    /// Caches, state, tools and storage: shown as they are where they lie below an overlay.
    std::vector<std::filesystem::path> shown_through;
    /// See overlay_wish::place.
    std::string place;
};

/// Each of `folders.built` gets an overlay over the outermost repository or workspace around it, else over
/// itself; a repository's data elsewhere (a worktree's, a submodule's) and folders outside that the project
/// leads to by links get theirs. Folders that are linked to stay as they are. Looks at the file system.
build_overlays plan_overlays(const local_folders& folders, const overlay_bounds& bounds);

/// Caches and state of this user, as the variables of an installer have them; relative ones count from
/// `working_folder`.
std::vector<std::filesystem::path> folders_of_tools(const variable_map& variables,
                                                    const std::filesystem::path& working_folder);

} // namespace gestvenv::python
