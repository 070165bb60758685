// SPDX-License-Identifier: MIT
// What uv's configuration files say, where that leads installations elsewhere or names indexes.
#pragma once

#include "messages/outcome.hpp"
#include "system/python/tool_command.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace gestvenv::python {

/// The settings of a uv that is for the project in or around `folder`, runs in `working_folder` (from where it
/// counts UV_CONFIG_FILE) and has these variables, in one file, where the table `[pip]` of
/// one of its files says where to install or for what (`target`, `prefix`, `system`, `python` ...): uv knows
/// no option that takes all of these back. Without those, to be given as `--config-file`. Nothing where its
/// files stay at what they are for, or cannot be read: uv reads them, or says so, itself. Paths in them count
/// from their folders.
std::optional<std::string> uv_settings_that_stay(const variable_map& variables,
                                                 const std::filesystem::path& folder,
                                                 const std::filesystem::path& working_folder,
                                                 const std::filesystem::path& system_folder = "/etc");

/// Which indexes for all packages a project has of its own.
struct named_indexes {
    /// In place of PyPI.
    bool has_default = false;
    /// Asked before that.
    bool has_further = false;
};

/// Those in the project's settings that hold for a uv which runs in `folder`: the nearest uv.toml or
/// `[tool.uv]`, or those of its workspace. None where the variables say that uv reads none of these.
named_indexes indexes_of_project(const variable_map& variables, const std::filesystem::path& folder);

} // namespace gestvenv::python
