// SPDX-License-Identifier: MIT
// The Python script that a command runs, read once for what it declares.
#pragma once

#include "messages/outcome.hpp"
#include "tools/gestvenv/run/script_metadata.hpp"

#include <gestvenv/command_spec.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace gestvenv::cli {

struct declared_script {
    /// As messages name it: its path, or `standard input`.
    std::string name;
    /// What relative paths in it count from.
    std::filesystem::path folder;
    /// Empty where it declares nothing.
    script_metadata metadata;
};

/// The file with the program of a command that python is to run, or that is to be run itself: `check.py` of
/// `python -u check.py`. Nothing for what is no file in `folder`.
std::optional<std::filesystem::path> script_of(const command_spec& command,
                                               const std::filesystem::path& folder);

/// Whether `word`, as the first of a command, is a script that the environment's python is to run: `-` and `/dev/fd/N`,
/// unless that can be executed itself; `check.py` or `app.pyz` of `folder`; with a path a folder that has a
/// `__main__.py`. A file with a path that may be executed is a program of its own, unless its first line asks for a python.
bool needs_python_before(const std::string& word, const command_spec& command,
                         const std::filesystem::path& folder);

/// What the script of a prepared command declares; nothing where the command runs none. A pipe is read to its end, and a
/// file in memory takes its place under the same number. `from_input`: the command was `-`. Error: invalid_argument for
/// what cannot be read, and those of read_metadata().
outcome<std::optional<declared_script>> read_script(const command_spec& command,
                                                    const std::filesystem::path& folder, bool from_input);

} // namespace gestvenv::cli
